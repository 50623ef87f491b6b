import { expect, test } from 'vitest';
import { createOutbound } from '../ports/outbound/outbound.ts';
import { isRefusal } from '../schemas/refusal.ts';
import { endpointRule } from './push-endpoints.ts';

const isRefused = (endpoint: string, allow: string[] = []) =>
  isRefusal(endpointRule({ outboundAllow: allow }, createOutbound({ allow, userAgent: 'test' }))(endpoint));

test('a browser subscribes with a public address over TLS', () => {
  expect(isRefused('https://push.services.mozilla.com/wpush/v2/abc')).toBe(false);
  expect(isRefused('https://fcm.googleapis.com/fcm/send/abc')).toBe(false);
  expect(isRefused('http://push.services.mozilla.com/wpush/v2/abc')).toBe(true);
  for (const inner of [
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://10.1.2.3/',
    'https://redis.internal/x',
  ])
    expect([inner, isRefused(inner)]).toEqual([inner, true]);
  expect(isRefused('https://push.services.mozilla.com:8443/x')).toBe(true);
});

test('what an operator has opened is believed without TLS', () => {
  expect(isRefused('http://127.0.0.1:4100/push/1', ['127.0.0.1:4100'])).toBe(false);
  expect(isRefused('http://127.0.0.1:4101/push/1', ['127.0.0.1:4100'])).toBe(true);
  expect(isRefused('http://sink:4100/push/1', ['sink'])).toBe(false);
});

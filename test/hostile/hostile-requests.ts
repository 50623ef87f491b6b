// What is not, or not quite, HTTP: a proxy in front and the server behind must never disagree about where a request ends.
import { describe, expect, it } from 'vitest';
import { randomName } from '../client/person.ts';
import type { Scene } from './scene.ts';
import { Tcp } from './tcp.ts';

const host = 'host: chat.test';
const json = 'content-type: application/json';
const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\r\n');
/** Head lines; the body follows the empty line. */
const post = (lines: string[], body = ''): string =>
  [`POST /api/sessions HTTP/1.1`, host, json, ...lines, '', body].join('\r\n');
const get = (...lines: string[]): string => ['GET /healthz HTTP/1.1', host, ...lines, '', ''].join('\r\n');

/** A second request in the body of the first, which whoever counts differently would answer. */
const smuggled = (name: string): string => {
  const body = JSON.stringify({ username: name, password: 'smuggled in' });
  return `POST /api/users HTTP/1.1\r\n${host}\r\n${json}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** Where it ends cannot be said for sure: refused, closed, and what follows is never read as a request. */
const ambiguous: Record<string, (next: string) => string> = {
  'both lengths, chunked last': (next) =>
    post(['content-length: 6', 'transfer-encoding: chunked'], `0\r\n\r\n${next}`),
  'both lengths, chunked first': (next) =>
    post(['transfer-encoding: chunked', 'content-length: 4'], `2\r\n{}\r\n0\r\n\r\n${next}`),
  'two different lengths': (next) => post(['content-length: 2', 'content-length: 400'], `{}${next}`),
  'two equal lengths': (next) => post(['content-length: 2', 'content-length: 2'], `{}${next}`),
  'a list of lengths': (next) => post(['content-length: 2, 2'], `{}${next}`),
  'a signed length': (next) => post(['content-length: +2'], `{}${next}`),
  'a negative length': (next) => post(['content-length: -2'], `{}${next}`),
  'a length in hexadecimal': (next) => post(['content-length: 0x2'], `{}${next}`),
  'a length with a comment': (next) => post(['content-length: 2;x'], `{}${next}`),
  'a length beyond 64 bits': (next) => post(['content-length: 18446744073709551618'], `{}${next}`),
  'a length before a folded line': (next) => post(['content-length:\r\n 2'], `{}${next}`),
  'a space before the colon': (next) => post(['content-length : 2'], `{}${next}`),
  'chunked spelled with x': (next) => post(['transfer-encoding: xchunked'], `0\r\n\r\n${next}`),
  'chunked and then not': (next) => post(['transfer-encoding: chunked, identity'], `0\r\n\r\n${next}`),
  'chunked named with a space': (next) => post(['transfer-encoding : chunked'], `0\r\n\r\n${next}`),
  'chunked after a vertical tab': (next) => post(['transfer-encoding: \x0bchunked'], `0\r\n\r\n${next}`),
  'chunked in a folded line': (next) => post(['x: y\r\n transfer-encoding: chunked'], `0\r\n\r\n${next}`),
  'chunked twice': (next) =>
    post(['transfer-encoding: chunked', 'transfer-encoding: cow'], `0\r\n\r\n${next}`),
  'chunked in HTTP/1.0': (next) =>
    post(['transfer-encoding: chunked', 'content-length: 3'], `0\r\n\r\n${next}`).replace('/1.1', '/1.0'),
  'a bare line feed between headers': (next) =>
    post(['x: y\ntransfer-encoding: chunked'], `0\r\n\r\n${next}`),
  'a bare carriage return between headers': (next) =>
    post(['x: y\rtransfer-encoding: chunked'], `0\r\n\r\n${next}`),
  'a chunk size with a sign': (next) => post(['transfer-encoding: chunked'], `+2\r\n{}\r\n0\r\n\r\n${next}`),
  'a chunk size with 0x': (next) => post(['transfer-encoding: chunked'], `0x2\r\n{}\r\n0\r\n\r\n${next}`),
  'a chunk size with a space': (next) => post(['transfer-encoding: chunked'], `2 \r\n{}\r\n0\r\n\r\n${next}`),
  'a chunk size beyond 64 bits': (next) =>
    post(['transfer-encoding: chunked'], `10000000000000002\r\n{}\r\n0\r\n\r\n${next}`),
  'a negative chunk size': (next) => post(['transfer-encoding: chunked'], `-1\r\n{}\r\n0\r\n\r\n${next}`),
  'no chunk size': (next) => post(['transfer-encoding: chunked'], `\r\n{}\r\n0\r\n\r\n${next}`),
  'a chunk longer than it says': (next) =>
    post(['transfer-encoding: chunked'], `2\r\n{}{}\r\n0\r\n\r\n${next}`),
  'a chunk that ends with a line feed': (next) =>
    post(['transfer-encoding: chunked'], `2\r\n{}\n0\r\n\r\n${next}`),
  'a chunk extension with a line feed': (next) =>
    post(['transfer-encoding: chunked'], `2;a\nb\r\n{}\r\n0\r\n\r\n${next}`),
  'a chunk extension without end': (next) =>
    post(['transfer-encoding: chunked'], `2;${'a'.repeat(70_000)}\r\n{}\r\n0\r\n\r\n${next}`),
  'trailers without end': (next) =>
    post(['transfer-encoding: chunked'], `0\r\n${many(9_000, (i) => `x-${i}: ${i}`)}\r\n\r\n${next}`),
};

/** Refused as a whole, with a status of their own where there is one. */
const refused: Record<string, [bytes: string, statuses: number[]]> = {
  'no HTTP at all': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  'zeros only': ['\0'.repeat(1_000), [400]],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  'HTTP/3.7': ['GET / HTTP/3.7\r\nhost: x\r\n\r\n', [400]],
  'a method in small letters': ['get /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
  'an unknown method': ['SMASH /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
  'a method without end': [`${'A'.repeat(100_000)} / HTTP/1.1\r\nhost: x\r\n\r\n`, [400, 431]],
  'NUL in the address': ['GET /a\0b HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
  'a space in the address': ['GET /a b HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
  'NUL in a header': [get('x: a\0b'), [400]],
  'a header without colon': [get('nonsense'), [400]],
  'a header without name': [get(': x'), [400]],
  'a header name with brackets': [get('x[y]: z'), [400]],
  'a header of 100 KB': [get(`x: ${'a'.repeat(100_000)}`), [431]],
  '20,000 headers': [get(many(20_000, (i) => `x-${i}: ${i}`)), [431]],
  'an address of 100 KB': [`GET /${'a'.repeat(100_000)} HTTP/1.1\r\n${host}\r\n\r\n`, [431]],
};

/** Node itself ends these, without a word or with the bare status. */
const ended: Record<string, string> = {
  'no host': 'GET /healthz HTTP/1.1\r\n\r\n',
  CONNECT: 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n',
};

/** Strange, and answered by anything but a fault of ours. */
const strange: Record<string, string> = {
  'HTTP/0.9': 'GET /\r\n\r\n',
  TRACE: 'TRACE / HTTP/1.1\r\nhost: x\r\n\r\n',
  'OPTIONS of everything': 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'an address of 60 KB': `GET /${'a'.repeat(60_000)} HTTP/1.1\r\n${host}\r\n\r\n`,
  'a query of 5,000 parameters': `GET /api/users?${many(5_000, (i) => `a${i}=1`).replaceAll('\r\n', '&')} HTTP/1.1\r\n${host}\r\n\r\n`,
  'a whole address': 'GET http://evil.example/healthz HTTP/1.1\r\nhost: chat.test\r\n\r\n',
  'an address of another kind': 'GET javascript:alert(1) HTTP/1.1\r\nhost: x\r\n\r\n',
  dots: 'GET /../../../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'escaped dots': 'GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'escaped slashes': 'GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nhost: x\r\n\r\n',
  backslashes: 'GET /..\\..\\..\\etc\\passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'double escapes': 'GET /%252e%252e/%252e%252e/etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'overlong UTF-8': 'GET /%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'escaped NUL': 'GET /index.html%00.js HTTP/1.1\r\nhost: x\r\n\r\n',
  'a broken escape': 'GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n',
  'two slashes': 'GET //evil.example/%2e%2e HTTP/1.1\r\nhost: x\r\n\r\n',
  'bytes above ASCII': 'GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n',
  'a strange host': 'GET /healthz HTTP/1.1\r\nhost: a@b:99999/?#\r\n\r\n',
  'an expectation': get('expect: 200-ok'),
  'a range': get('range: bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-'),
  'a forwarded address': get(`x-forwarded-for: ${'1.2.3.4, '.repeat(2_000)}`),
  'a cookie of 50 KB': get(`cookie: ${'a=b; '.repeat(10_000)}`),
  'cookies called like prototypes': get('cookie: __proto__=1; constructor=2; chatvui_refresh=%zz'),
  'prototypes in the query':
    'GET /api/users?__proto__[x]=1&constructor.prototype=2 HTTP/1.1\r\nhost: x\r\n\r\n',
  'a content type with parameters': post(
    ['content-type: application/json; charset=utf-16', 'content-length: 2'],
    '{}',
  ),
  'a content type with a tab': post(['content-type:\tapplication/json\t; a', 'content-length: 2'], '{}'),
  'a compressed body': post(['content-encoding: gzip', 'content-length: 2'], '\x1f\x8b'),
  'a wish for HTTP/2': get('connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAAA'),
  'a wish for something else': get('connection: upgrade', 'upgrade: tls/1.0, smtp'),
  'a thousand requests in a row': get().repeat(1_000),
};

export const hostileRequests = (scene: () => Scene) =>
  describe('hostile requests', () => {
    const url = () => scene().server.url;
    const closing = (bytes: string): string =>
      `${bytes}GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
    const isTaken = async (name: string): Promise<boolean> => {
      const body = { username: name, password: 'not smuggled' };
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url()}/api/users`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return answer.status === 409;
    };

    it.each(Object.entries(ambiguous))('whose end is not certain smuggle nothing: %s', async (_, bytes) => {
      const name = randomName('smuggled');
      const tcp = await Tcp.ask(url(), bytes(smuggled(name)));
      expect([tcp.isClosed, tcp.statuses]).toEqual([true, [tcp.statuses[0]]]);
      expect([400, 413, 431]).toContain(tcp.statuses[0]);
      expect(await isTaken(name)).toBe(false);
    });

    it.each(Object.entries(refused))('are refused and closed: %s', async (_, [bytes, statuses]) => {
      const tcp = await Tcp.ask(url(), bytes);
      expect([tcp.isClosed, statuses]).toEqual([true, expect.arrayContaining(tcp.statuses)]);
      expect(tcp.text).toMatch(/application\/problem\+json/);
    });

    it.each(Object.entries(ended))('are ended: %s', async (_, bytes) => {
      const tcp = await Tcp.ask(url(), bytes);
      expect(tcp.isClosed).toBe(true);
      expect(tcp.statuses.filter((status) => status !== 400)).toEqual([]);
    });

    it('are refused when they name two hosts, at both doors', async () => {
      const upgrade = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
      const key = `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`;
      const socket = get('host: evil.example', ...upgrade, key).replace('/healthz', '/ws');
      for (const bytes of [get('host: evil.example'), get('host: chat.test'), socket]) {
        const tcp = await Tcp.ask(url(), bytes, 500);
        expect([tcp.statuses[0], tcp.text.includes('more than one host')]).toEqual([400, true]);
      }
    });

    it.each(Object.entries(strange))('are answered without a fault: %s', async (_, bytes) => {
      const tcp = await Tcp.ask(url(), closing(bytes), 10_000);
      expect(tcp.isClosed).toBe(true);
      expect(tcp.statuses.length).toBeGreaterThan(0);
      expect(tcp.statuses.filter((status) => status >= 500)).toEqual([]);
      expect(tcp.text).not.toMatch(/root:.*:0:0:/);
    });
  });

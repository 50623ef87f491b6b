import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyEvent } from './arbitrary.ts';
import { decodeEvent, encodeEvent, makeEvent, readEvent } from './codec.ts';
import { type ChatEvent, type EventType, eventTypes } from './events.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const event = makeEvent({
  type: 'typing.started',
  id: '3f1c2f6e-6a3a-5a55-9d8a-0d5b3f1a2b4c',
  subject: '9b2e4c1a-7d3f-4e2b-8a6c-1f0e9d8c7b6a',
  actor: null,
  time: '2026-01-02T03:04:05.678Z',
  data: {
    conversationId: '9b2e4c1a-7d3f-4e2b-8a6c-1f0e9d8c7b6a',
    userId: '1d4f6b8a-2c3e-4f5a-9b7d-6e8c0a1b2d3f',
  },
});

describe('what was written is read', () => {
  test('any event comes back as it was', () => {
    fc.assert(
      fc.property(anyEvent, (any) => {
        expect(decodeEvent(encodeEvent(any))).toEqual({
          kind: 'event',
          event: JSON.parse(JSON.stringify(any)),
        });
      }),
      { numRuns: 300 },
    );
  });

  test('an event that is made has the current version and the envelope of CloudEvents', () => {
    expect(event).toMatchObject({ specversion: '1.0', source: 'chatvui', dataversion: 1 });
    expect(readEvent(event)).toEqual({ kind: 'event', event });
  });
});

describe('what cannot be read is named and never thrown', () => {
  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => decodeEvent(any).kind === 'poison'));
  });

  test('random JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (any) => decodeEvent(bytes(any)).kind === 'poison'));
  });

  test('an event with one byte changed', () => {
    const kinds = ['event', 'unknown', 'newer', 'poison'];
    const encoded = encodeEvent(event);
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = Uint8Array.from(encoded);
        damaged[at] = byte;
        return kinds.includes(decodeEvent(damaged).kind);
      }),
    );
  });

  test('a type that this code has never heard of is unknown, whatever its data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('poll.opened', 'toString', '__proto__'), (data, type) => {
        expect(readEvent({ ...event, type, data })).toEqual({ kind: 'unknown', type, id: event.id });
      }),
    );
  });

  test.each(Object.keys(eventTypes) as EventType[])('a newer %s stops its reader', (type) => {
    const dataversion = eventTypes[type].version + 1;
    const newer = { ...event, type, dataversion, data: { shape: 'of tomorrow' } };
    expect(decodeEvent(bytes(newer))).toEqual({ kind: 'newer', type, id: event.id, dataversion });
  });

  test.each<[string, Partial<Record<keyof ChatEvent, unknown>>]>([
    ['data that breaks its schema', { data: { conversationId: 'x' } }],
    ['data with more than its schema has', { data: { ...event.data, extra: 1 } }],
    ['another CloudEvents version', { specversion: '0.3' }],
    ['an id that is none', { id: '1' }],
    ['a time without its zone', { time: '2026-01-02T03:04:05.678' }],
    ['version 0', { dataversion: 0 }],
  ])('%s is poison', (_, change) => {
    expect(readEvent({ ...event, ...change }).kind).toBe('poison');
  });

  test('bytes that are no UTF-8 are poison, not repaired', () => {
    const encoded = encodeEvent({ ...event, source: 'chatvui?' });
    const at = new TextDecoder().decode(encoded).indexOf('?');
    expect(decodeEvent(Uint8Array.from(encoded, (byte, index) => (index === at ? 0xff : byte))).kind).toBe(
      'poison',
    );
  });
});

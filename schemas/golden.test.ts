// One real example of every event type and version, kept for ever: a log written years ago must still be read.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeEvent } from './codec.ts';
import { type EventType, eventTypes } from './events.ts';
import { currentFingerprints, driftFrom, type Fingerprints, withNew } from './fingerprints.ts';

const folder = new URL('./golden/', import.meta.url);
const files = readdirSync(folder).sort();

describe('golden examples', () => {
  test.each(files)('%s is read', (file) => {
    const bytes = readFileSync(new URL(file, folder));
    const written = JSON.parse(bytes.toString()) as { type: string; dataversion: number };
    expect(`${written.type}.v${written.dataversion}.json`).toBe(file);
    const decoded = decodeEvent(bytes);
    expect(decoded).toMatchObject({ kind: 'event', event: { type: written.type } });
    // The present version is not rewritten on its way.
    if (written.dataversion === eventTypes[written.type as EventType].version)
      expect(decoded).toEqual({ kind: 'event', event: written });
  });

  test.each(Object.keys(eventTypes) as EventType[])('%s has one of each version', (type) => {
    const versions = Array.from({ length: eventTypes[type].version }, (_, index) => index + 1);
    expect(files).toEqual(expect.arrayContaining(versions.map((version) => `${type}.v${version}.json`)));
  });
});

const advice =
  'A shape that has been written may not change. Raise `version` in schemas/events.ts (or the subprotocol), add an upcast in ' +
  'schemas/codec.ts and a golden example, then `npm run schemas:accept`. New types need only that command. ' +
  '(Before the first release only: `npm run schemas:accept -- --unreleased`.)';

describe('fingerprints', () => {
  const accepted = JSON.parse(
    readFileSync(new URL('./fingerprints.json', import.meta.url), 'utf8'),
  ) as Fingerprints;

  test('every shape is as it was recorded', () => {
    expect(driftFrom(accepted), advice).toEqual([]);
  });

  test('no recorded type has gone', () => {
    expect(Object.keys(currentFingerprints()).sort(), advice).toEqual(Object.keys(accepted).sort());
  });

  test('accepting adds what is new and never overwrites', () => {
    const current = { a: { 1: 'changed', 2: 'new' }, b: { 1: 'new' } };
    const before = { a: { 1: 'old' }, gone: { 1: 'kept' } };
    expect(driftFrom(before, current).map(({ kind }) => kind)).toEqual(['changed', 'new', 'new']);
    expect(withNew(before, current)).toEqual({
      a: { 1: 'old', 2: 'new' },
      b: { 1: 'new' },
      gone: { 1: 'kept' },
    });
  });
});

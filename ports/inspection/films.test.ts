import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { film, tone } from '../../test/client/films.ts';
import { factsOf, noFacts } from './films.ts';
import { openInspection } from './process.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatvui-films-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const facts = async (bytes: Uint8Array) => {
  const path = join(dir, crypto.randomUUID());
  await writeFile(path, bytes);
  return factsOf(path);
};

test.each(['mp4', 'webm'] as const)(
  'a film says how large it is and how long it takes: %s',
  async (format) => {
    expect(await facts(await film(format))).toEqual({ width: 640, height: 360, durationMs: 3_000 });
  },
);

test('a film that was taken upright is as large as it is shown', async () => {
  const upright = await film('mp4', { rotation: 90 });
  expect(await facts(upright)).toMatchObject({ width: 360, height: 640 });
});

test('a sound has no size and says how long it takes', async () => {
  expect(await facts(tone(5))).toEqual({ width: null, height: null, durationMs: 5_000 });
});

test('of a film that is cut off, or of none at all, nothing is made up', async () => {
  const whole = await film('mp4');
  expect(await facts(whole.subarray(0, 60))).toEqual(noFacts);
  expect(await facts(new Uint8Array(5_000).fill(7))).toEqual(noFacts);
});

test('a film whose index would be read for minutes is kept as it is, and the next one is looked at', async () => {
  const inspection = openInspection({ moreMs: 300 });
  const inspect = async (bytes: Uint8Array) => {
    const path = join(dir, crypto.randomUUID());
    await writeFile(path, bytes);
    return inspection.inspect(path, 'film.mp4', { original: path, thumb: path, preview: path });
  };
  const whole = await film('mp4');
  const samplesInChunk = Buffer.from(whole).indexOf('stsc') + 16;
  const endless = Uint8Array.from(whole).fill(0xff, samplesInChunk, samplesInChunk + 4);
  const kept = { kind: 'file', contentType: 'video/mp4' };
  expect(await inspect(endless)).toEqual({ ...kept, ...noFacts });
  expect(await inspect(whole)).toEqual({ ...kept, width: 640, height: 360, durationMs: 3_000 });
  await inspection.close();
});

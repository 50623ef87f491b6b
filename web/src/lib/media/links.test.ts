import { describe, expect, test } from 'vitest';
import { limits } from '../../../../schemas/limits.ts';
import { MediaLinks, mediaIdOf } from './links.svelte.ts';

const hour = 3_600_000;

const setup = (mayHave: (id: string) => boolean = () => true, kept: string | null = null) => {
  const world = { now: 0, isAway: false };
  const asked: string[][] = [];
  let due: { work: () => void; ms: number }[] = [];
  const links = new MediaLinks({
    now: () => world.now,
    after: (work, ms) => due.push({ work, ms }),
    store: {
      read: () => kept,
      write: (text) => {
        kept = text;
      },
    },
    ask: async (ids) => {
      asked.push(ids);
      if (world.isAway) throw new Error('away');
      const expiresAt = new Date(world.now + hour).toISOString();
      return {
        items: ids.filter(mayHave).map((id) => ({ id, url: `/api/media/${id}?e=${world.now}`, expiresAt })),
      };
    },
  });
  /** Whatever was put off is done now. */
  const run = async () => {
    const now = due;
    due = [];
    for (const { work } of now) work();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { world, asked, links, run, kept: () => kept };
};

describe('Links to media', () => {
  test('given many that come on screen at once, then they are asked for together, and each only once', async () => {
    const { asked, links, run } = setup();
    for (const id of ['a', 'b', 'a']) expect(links.of(id)).toBeNull();
    await run();
    expect(asked).toEqual([['a', 'b']]);
    expect(links.of('a')).toBe('/api/media/a?e=0');
    expect(links.of('b', 'thumb')).toBe('/api/media/b?e=0&variant=thumb');
    await run();
    expect(asked).toHaveLength(1);
  });

  test('given more than fit one request, then the rest follows', async () => {
    const { asked, links, run } = setup();
    for (let n = 0; n < limits.mediaLinksMax + 1; n += 1) links.of(String(n));
    await run();
    await run();
    expect(asked.map(({ length }) => length)).toEqual([limits.mediaLinksMax, 1]);
  });

  test('given a link near its end, when it is wanted again, then there is a new one, and the old one until then', async () => {
    const { world, asked, links, run } = setup();
    links.of('a');
    await run();
    world.now = hour - 60_000;
    expect(links.of('a')).toBe('/api/media/a?e=0');
    await run();
    expect(links.of('a')).toBe(`/api/media/a?e=${world.now}`);
    expect(asked).toHaveLength(2);
  });

  test('given one that this person may not see, then that is known and not asked all the time', async () => {
    const { world, asked, links, run } = setup(() => false);
    expect(links.isAbsent('a')).toBe(false);
    links.of('a');
    await run();
    expect([links.of('a'), links.isAbsent('a'), asked.length]).toEqual([null, true, 1]);
    world.now += 2 * 60_000;
    expect(links.isAbsent('a')).toBe(false);
  });

  test('given a link that no longer loads, when it says so, then it is asked for anew; an older failure changes nothing', async () => {
    const { world, asked, links, run } = setup();
    links.of('a');
    await run();
    world.now = 5_000;
    links.failed('a', '/api/media/a?e=before');
    await run();
    expect(asked).toHaveLength(1);
    links.failed('a', links.of('a', 'thumb')!);
    await run();
    expect(links.of('a')).toBe('/api/media/a?e=5000');
  });

  test('given no network, when it is back, then what is wanted then is asked for', async () => {
    const { world, links, run } = setup();
    world.isAway = true;
    links.of('a');
    await run();
    await run();
    world.isAway = false;
    links.of('a');
    await run();
    expect(links.of('a')).toBe('/api/media/a?e=0');
  });

  test('given a reload, then links that are still good are there at once, and what cannot be read is nothing', async () => {
    const first = setup();
    first.links.of('a');
    await first.run();
    const { links, asked, world } = setup(undefined, first.kept());
    expect(links.of('a')).toBe('/api/media/a?e=0');
    expect(asked).toEqual([]);
    world.now = 2 * hour;
    expect(setup(undefined, 'broken').links.of('a')).toBeNull();
  });

  test('given the address of a picture, then only one of ours has an id', () => {
    const id = '0b8e3a3a-33b5-4a3b-9d55-8a4c0b1b2c3d';
    expect(mediaIdOf(`/api/media/${id}`)).toBe(id);
    for (const url of [
      null,
      undefined,
      '',
      `https://evil.example/api/media/${id}`,
      `/api/media/${id}/x`,
      '//evil',
      `/api/media/../${id}`,
    ])
      expect(mediaIdOf(url)).toBeNull();
  });
});

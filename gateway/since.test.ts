// The first message of a moment, on a real history.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, worldIn } from '../ports/history/contract-world.ts';
import type { HistoryStore, Visible } from '../ports/history/port.ts';
import { openSqliteHistory } from '../ports/history/sqlite.ts';
import { firstSince } from './since.ts';

describe('The first message of a moment', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-since-'));
  let store: HistoryStore;
  beforeAll(async () => {
    store = await openSqliteHistory({ dir });
  });
  afterAll(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Two conversations that take turns in one partition, so that there are gaps between the places of each. */
  const turns = async () => {
    const world = await worldIn(store);
    await world.open();
    const places: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      places.push(...(await world.send(1 + (turn % 3))));
      await world.send(turn % 4, { conversationId: world.owner });
    }
    const first = (since: string, visible: Visible = 'all') =>
      firstSince(store.reader, { conversationId: world.conversationId, visible }, since);
    return { places, first };
  };

  it('is the one written then, else the next one, else none', async () => {
    const { places, first } = await turns();
    for (let place = 0; place <= (places.at(-1) as number) + 1; place += 1)
      expect(await first(at(place)), `since ${place}`).toBe(places.find((each) => each >= place) ?? null);
  });

  it('is one that the reader may see', async () => {
    const { places, first } = await turns();
    const [from, to, again] = [places[4], places[9], places[15]] as [number, number, number];
    const visible: Visible = [
      [from, to],
      [again, Number.MAX_SAFE_INTEGER],
    ];
    expect(await first(at(0), visible)).toBe(from);
    expect(await first(at(places[7] as number), visible)).toBe(places[7]);
    expect(await first(at(to), visible)).toBe(again);
    expect(await first(at(0), [])).toBeNull();
  });

  it('is a few looks away however long the conversation is', async () => {
    const { places, first } = await turns();
    const far = 2 ** 40;
    let looks = 0;
    const history: Pick<HistoryStore['reader'], 'page'> = {
      page: (query) => {
        looks += 1;
        return store.reader.page(query);
      },
    };
    expect(await first(at(0))).toBe(places[0]);
    const world = await worldIn(store);
    await world.event((place) => world.message({ position: far, createdAt: at(5) })(place));
    const asked = { conversationId: world.conversationId, visible: 'all' as const };
    expect(await firstSince(history, asked, at(0))).toBe(far);
    expect(looks).toBeLessThan(45);
  });
});

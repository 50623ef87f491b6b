// The checker: what every client was told against what history has. It knows the protocol and nothing of the product.
import { expect } from 'vitest';
import { messageId } from '../../schemas/ids.ts';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import { essence } from '../client/timeline.ts';
import type { Load } from './load.ts';

export type Verdict = { seed: number; acked: number; unknown: number; refused: number; reconnects: number };

const usuallyWithinMs = 30_000;

/** After `quiesce`. Every rule names the seed, so that a failure can be repeated. */
export const check = async (
  load: Load,
  urls: string[],
  caughtUpWithinMs = usuallyWithinMs,
): Promise<Verdict> => {
  const say = (what: string) => `seed ${load.seed}: ${what}`;
  const acked = load.clients.flatMap((client) => [...client.acked.values()]);
  const refusedIds = new Set(
    load.clients.flatMap((client) =>
      [...client.refused.keys()].map((ref) => messageId(client.person.id, ref)),
    ),
  );
  for (const client of load.clients) expect(client.broken, say('answers')).toEqual([]);
  let kept = 0;

  for (const [id, members] of load.members) {
    const reader = members[0]?.person;
    if (!reader) continue;
    const wanted = acked.filter((each) => each.conversationId === id);
    const history = await historyWith(wanted.length, caughtUpWithinMs, () => reader.api.wholeHistory(id));
    kept += history.length;

    // Every acknowledged message exactly once, where the ack said, with what was said.
    const ids = history.map((message) => message.id);
    expect(new Set(ids).size, say(`${id}: a message is in history twice`)).toBe(ids.length);
    const byId = new Map(history.map((message) => [message.id, message]));
    const lost = wanted.filter((each) => !byId.has(each.id));
    expect(lost, say(`${id}: acknowledged and not in history`)).toEqual([]);
    const moved = wanted.filter((each) => {
      const found = byId.get(each.id);
      return found?.position !== each.position || found.content !== each.content;
    });
    expect(moved, say(`${id}: acknowledged as something else`)).toEqual([]);
    // What was refused for good is not there.
    expect(
      ids.filter((each) => refusedIds.has(each)),
      say(`${id}: refused and there`),
    ).toEqual([]);
    // One order.
    const positions = history.map(({ position }) => Number(position));
    expect(positions, say(`${id}: history is not in order`)).toEqual(
      [...new Set(positions)].sort((a, b) => a - b),
    );
    // The same at every gateway.
    for (const url of urls)
      await eventually(
        async () => same(await reader.at(url).wholeHistory(id), history),
        say(`${id}: the same history at ${url}`),
      );
    // The same on every member's screen.
    for (const { timeline, person } of members) {
      const who = say(`${person.user.username} in ${id}`);
      await eventually(
        () => timeline.count(id) >= history.length,
        `${who}: has ${timeline.count(id)} of ${history.length}`,
        caughtUpWithinMs,
      ).catch(() => {
        const missed = history.filter((message) => !timeline.has(id, message.id));
        expect(missed.map(essence), `${who}: not shown`).toEqual([]);
      });
      expect(timeline.of(id).map(essence), who).toEqual(history.map(essence));
    }
  }
  for (const { timeline } of load.clients) expect(timeline.broken, say('order and repetition')).toEqual([]);
  const reconnects = load.clients.reduce((sum, { closes }) => sum + closes.length, 0);
  const verdict = {
    seed: load.seed,
    acked: acked.length,
    unknown: kept - acked.length,
    refused: refusedIds.size,
    reconnects,
  };
  console.log(JSON.stringify(verdict));
  return verdict;
};

/** History may be a moment behind what was acknowledged elsewhere. Answers what there is at the end of the wait. */
const historyWith = async (
  atLeast: number,
  withinMs: number,
  read: () => Promise<Message[]>,
): Promise<Message[]> => {
  let last: Message[] = [];
  const isThere = async () => {
    last = await read();
    return last.length >= atLeast;
  };
  await eventually(isThere, `${atLeast} messages in history`, withinMs).catch(() => {});
  return last;
};

const same = (a: Message[], b: Message[]): boolean =>
  JSON.stringify(a.map(essence)) === JSON.stringify(b.map(essence));

// How long after it was sent can a message be found? Some of a steady flow are searched for until they are there.
import { pace, sleep } from './delivery.ts';
import { call, direct, Peer, register } from './lib/peer.ts';
import { type Row, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const rate = 100;
/** One in so many is searched for. */
const watchedEvery = 33;
const lookEveryMs = 10;
const pairsCount = 10;

export const freshness = async (target: Target, seconds: number): Promise<Row> => {
  const people = await register(target.url, pairsCount * 2);
  const pairs = await Promise.all(
    Array.from({ length: pairsCount }, async (_, n) => {
      const [from, to] = people.slice(2 * n, 2 * n + 2) as [(typeof people)[0], (typeof people)[0]];
      return { from, peer: await Peer.open(target.url, from), id: await direct(target.url, from, to) };
    }),
  );
  const times: number[] = [];
  const waiting: Promise<void>[] = [];
  const stop = pace(rate, (n) => {
    const { from, peer, id } = pairs[n % pairsCount] as (typeof pairs)[0];
    const word = `w${crypto.randomUUID().replaceAll('-', '')}`;
    const began = performance.now();
    const content = `${word} and some more words that everybody says`;
    peer.send({ type: 'message', ref: crypto.randomUUID(), conversationId: id, content });
    if (n % watchedEvery === 0)
      waiting.push(found(target, from.token, word).then(() => void times.push(performance.now() - began)));
  });
  await sleep(seconds * 1000);
  stop();
  await Promise.all(waiting);
  for (const { peer } of pairs) peer.close();
  return { what: `${target.name}: sent to searchable, at ${rate} messages a second`, times: timesOf(times) };
};

const found = async (target: Target, token: string, word: string): Promise<void> => {
  for (;;) {
    const { total } = await call<{ total: number }>(target.url, 'GET', `/search?q=${word}`, token);
    if (total > 0) return;
    await sleep(lookEveryMs);
  }
};

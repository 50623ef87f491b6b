// How fast does a message reach the other person? 50 pairs: paced at 200 a second, then as fast as four in flight allow.
import { direct, Peer as Opening, type Peer, register } from './lib/peer.ts';
import { perThousand, type Row, timesOf, withCpu } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const pairsCount = 50;
const text =
  'Mai mình gặp nhau ở hồ Gươm lúc tám giờ nhé, nhớ mang theo máy ảnh và ít bánh mì cho cả nhóm nha!';
const warmMs = 2_000;

type Pair = { from: Peer; to: Peer; conversationId: string };

export const delivery = async (target: Target, seconds: number): Promise<Row[]> => {
  const people = await register(target.url, pairsCount * 2);
  const pairs: Pair[] = [];
  for (let i = 0; i < pairsCount; i++) {
    const [a, b] = [people[2 * i], people[2 * i + 1]] as const;
    if (!a || !b) throw new Error('too few people');
    const conversationId = await direct(target.url, a, b);
    const [from, to] = await Promise.all([Opening.open(target.url, a), Opening.open(target.url, b)]);
    pairs.push({ from, to, conversationId });
  }
  const rows = [await paced(target, pairs, 200, seconds), await inFlight(target, pairs, 4, seconds)];
  for (const { from, to } of pairs) {
    from.close();
    to.close();
  }
  return rows;
};

const sendOne = ({ from, conversationId }: Pair, sent: Map<string, number>): void => {
  const ref = crypto.randomUUID();
  sent.set(ref, performance.now());
  from.send({ type: 'message', ref, conversationId, content: `${ref} ${text}` });
};

/** The ref stands at the head of the text, so that the receiver knows it too. */
const refOf = (content: string): string => content.slice(0, 36);

const paced = async (target: Target, pairs: Pair[], rate: number, seconds: number): Promise<Row> => {
  const sent = new Map<string, number>();
  const delivered: number[] = [];
  const acked: number[] = [];
  let measuring = false;
  for (const { from, to } of pairs) {
    from.onFrame = (frame) => {
      if (frame.type === 'ack' && measuring)
        acked.push(performance.now() - (sent.get(frame.ref) ?? Number.NaN));
    };
    to.onFrame = (frame) => {
      if (frame.type !== 'message' || !measuring) return;
      const began = sent.get(refOf(frame.message.content));
      if (began !== undefined) delivered.push(performance.now() - began);
    };
  }
  const stop = pace(rate, (n) => sendOne(pairs[n % pairs.length] as Pair, sent));
  await sleep(warmMs);
  measuring = true;
  const { cpu } = await withCpu(target.pids, () => sleep(seconds * 1000));
  measuring = false;
  stop();
  await sleep(300);
  return {
    what: `${target.name}: ${rate} msg/s over ${pairs.length} pairs, delivered`,
    perSecond: delivered.length / seconds,
    times: timesOf(delivered),
    cpu: perThousand(cpu, delivered.length),
    note: `acked median ${timesOf(acked).median.toFixed(2)} ms`,
  };
};

const inFlight = async (target: Target, pairs: Pair[], depth: number, seconds: number): Promise<Row> => {
  const sent = new Map<string, number>();
  const times: number[] = [];
  let measuring = false;
  let running = true;
  for (const pair of pairs) {
    pair.from.onFrame = (frame) => {
      if (frame.type === 'error') throw new Error(`refused: ${frame.code} ${frame.detail}`);
      if (frame.type === 'ack' && running) sendOne(pair, sent);
    };
    pair.to.onFrame = (frame) => {
      if (frame.type !== 'message') return;
      const ref = refOf(frame.message.content);
      if (measuring) times.push(performance.now() - (sent.get(ref) ?? Number.NaN));
      sent.delete(ref);
    };
    for (let i = 0; i < depth; i++) sendOne(pair, sent);
  }
  await sleep(warmMs);
  measuring = true;
  const { cpu } = await withCpu(target.pids, () => sleep(seconds * 1000));
  measuring = false;
  running = false;
  await sleep(1000);
  return {
    what: `${target.name}: ${pairs.length} pairs, ${depth} in flight each, delivered`,
    perSecond: times.length / seconds,
    times: timesOf(times),
    cpu: perThousand(cpu, times.length),
  };
};

/** Calls so many times a second, catching up after a late timer. */
export const pace = (rate: number, act: (n: number) => void): (() => void) => {
  const began = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * rate) / 1000;
    while (done < due) act(done++);
  }, 1);
  return () => clearInterval(timer);
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// How long does a client that missed 10,000 messages take to have them all?
import { direct, Peer, register } from './lib/peer.ts';
import { type Row, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const missed = 10_000;
const inFlight = 200;
const rounds = 5;

export const resync = async (target: Target): Promise<Row[]> => {
  const [a, b] = await register(target.url, 2);
  if (!a || !b) throw new Error('nobody');
  const conversationId = await direct(target.url, a, b);
  const reader = await Peer.open(target.url, b);
  const { cursor } = reader;
  reader.close();
  const writer = await Peer.open(target.url, a);
  await new Promise<void>((resolve) => {
    let sent = 0;
    let acked = 0;
    const send = () => {
      if (sent >= missed) return;
      sent += 1;
      writer.send({ type: 'message', ref: crypto.randomUUID(), conversationId, content: `missed ${sent}` });
    };
    writer.onFrame = (frame) => {
      if (frame.type !== 'ack') return;
      acked += 1;
      if (acked === missed) resolve();
      else send();
    };
    for (let i = 0; i < inFlight; i++) send();
  });
  writer.close();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await resumeOnce(target.url, b, cursor));
  return [
    {
      what: `${target.name}: resume after ${missed.toLocaleString('en-US')} missed messages`,
      times: timesOf(times),
      perSecond: (missed * 1000) / timesOf(times).median,
      note: `${rounds} rounds; per second: messages`,
    },
  ];
};

const resumeOnce = async (url: string, person: Parameters<typeof Peer.open>[1], cursor: string) => {
  const began = performance.now();
  const seen = new Set<string>();
  let peer: Peer | undefined;
  await new Promise<void>((resolve, reject) => {
    const onFrame = (frame: { type: string; message?: { id: string } }) => {
      if (frame.type !== 'message' || !frame.message) return;
      seen.add(frame.message.id);
      if (seen.size === missed) resolve();
    };
    Peer.open(url, person, cursor, onFrame).then((opened) => {
      peer = opened;
    }, reject);
  });
  const took = performance.now() - began;
  peer?.close();
  return took;
};

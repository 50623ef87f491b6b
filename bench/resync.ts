// How long does a client that missed 10,000 messages take to have them all?
import { call, direct, Peer, type Person, register } from './lib/peer.ts';
import { type Row, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const missed = 10_000;
const inFlight = 200;
const rounds = 5;
const caughtUpWithinMs = 120_000;

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
  await caughtUp(target.url, a, conversationId);
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

/** History may be behind what other questions have written: a resume is measured when there is nothing else to do. */
const caughtUp = async (url: string, person: Person, conversationId: string): Promise<void> => {
  const deadline = performance.now() + caughtUpWithinMs;
  for (;;) {
    try {
      // Answered only when history has passed everything that this gateway has seen.
      await call(url, 'GET', `/conversations/${conversationId}/messages?limit=1`, person.token);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
};

const resumeOnce = async (url: string, person: Person, cursor: string) => {
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
      peer.onClose = (code) => reject(new Error(`closed ${code} with ${seen.size} of ${missed}`));
    }, reject);
  });
  const took = performance.now() - began;
  if (peer) peer.onClose = () => undefined;
  peer?.close();
  return took;
};

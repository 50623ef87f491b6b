// What does a signed-in connection cost that says nothing?

import { sleep } from './delivery.ts';
import { Peer, register } from './lib/peer.ts';
import { type Row, residentKiB } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const people = 100;
const connections = 3_000;
const openAtOnce = 50;

export const idle = async (target: Target): Promise<Row[]> => {
  const pid = target.pids.gateway ?? target.pids.chatvui;
  if (!pid) throw new Error('which process is the gateway?');
  const known = await register(target.url, people);
  // What the first ones cost once is not what one more costs.
  const first = await open(target.url, known, 300);
  await sleep(3000);
  const before = residentKiB(pid);
  const began = performance.now();
  const peers = await open(target.url, known, connections);
  const seconds = (performance.now() - began) / 1000;
  await sleep(3000);
  const each = (residentKiB(pid) - before) / connections;
  for (const peer of [...first, ...peers]) peer.close();
  await sleep(1000);
  return [
    {
      what: `${target.name}: idle connection`,
      perSecond: connections / seconds,
      note: `${each.toFixed(1)} KiB resident each (${connections} of them); per second: connections opened`,
    },
  ];
};

const open = async (url: string, known: Awaited<ReturnType<typeof register>>, count: number) => {
  const peers: Peer[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const person = known[n % known.length];
      if (person) peers.push(await Peer.open(url, person));
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, worker));
  return peers;
};

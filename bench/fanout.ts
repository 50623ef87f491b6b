// How many deliveries a second to a group of 200, one message in flight?
import { sleep } from './delivery.ts';
import { call, Peer, register } from './lib/peer.ts';
import { perThousand, type Row, timesOf, withCpu } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const groupSize = 200;
const text =
  'Cả nhóm ơi, chiều nay họp lúc ba giờ ở phòng lớn, mọi người nhớ mang theo báo cáo tuần này nhé.';

export const fanout = async (target: Target, seconds: number): Promise<Row[]> => {
  const people = await register(target.url, groupSize);
  const [sender] = people;
  if (!sender) throw new Error('nobody');
  const { id } = await call<{ id: string }>(target.url, 'POST', '/conversations', sender.token, {
    isGroup: true,
    name: 'bench',
    memberIds: people.slice(1).map((person) => person.id),
  });
  const peers: Peer[] = [];
  for (const person of people) peers.push(await Peer.open(target.url, person));
  let deliveries = 0;
  let sentAt = 0;
  let left = 0;
  let running = true;
  const spans: number[] = [];
  const send = () => {
    sentAt = performance.now();
    left = groupSize + 1;
    (peers[0] as Peer).send({ type: 'message', ref: crypto.randomUUID(), conversationId: id, content: text });
  };
  // The next one goes when everybody has this one and the sender its ack.
  const one = () => {
    left -= 1;
    if (left > 0) return;
    spans.push(performance.now() - sentAt);
    if (running) send();
  };
  for (const peer of peers) {
    peer.onFrame = (frame) => {
      if (frame.type === 'message') {
        deliveries += 1;
        one();
      } else if (frame.type === 'ack') one();
    };
  }
  send();
  await sleep(2000);
  deliveries = 0;
  spans.length = 0;
  const { cpu } = await withCpu(target.pids, () => sleep(seconds * 1000));
  const counted = deliveries;
  running = false;
  await sleep(500);
  for (const peer of peers) peer.close();
  return [
    {
      what: `${target.name}: group of ${groupSize}, one in flight, deliveries`,
      perSecond: counted / seconds,
      times: timesOf(spans),
      cpu: perThousand(cpu, counted),
      note: 'times: until everybody had it',
    },
  ];
};

// Telling people: how many decisions a second, bare and with all that they need and leave behind; and how long from a
// sender's frame to the push service, which decrypts what it gets and answers at once.
import { type Candidate, decide, type Happening } from '../consumers/notifications/decide.ts';
import { openStage } from '../consumers/notifications/stage.fake.ts';
import { openMysqlHistory } from '../ports/history/mysql.ts';
import { openMysqlNotifications } from '../ports/notifications/mysql.ts';
import { sendMessage } from '../producers/message.ts';
import type { ConversationEvent } from '../schemas/events.ts';
import { messageId } from '../schemas/ids.ts';
import { wordsOf } from '../schemas/keywords.ts';
import { usualPreferences } from '../schemas/notifications.ts';
import { startPushServer } from '../stack/push-server.ts';
import { pace, sleep } from './delivery.ts';
import { call, direct, Peer, register } from './lib/peer.ts';
import { perThousand, type Row, timesOf, withCpu } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const membersCount = 50;
const batchMessages = 200;
/** Mentions a second: as many as leave the worker time to rest, and more than that. */
const rates = [20, 50];
/** Nobody is told more than 20 times a minute. */
const toldCount = 100;
const warmMs = 3_000;
const lastMs = 3_000;
const readyWithinMs = 60_000;

export const notifying = async (target: Target, seconds: number): Promise<Row[]> => {
  const rows = target.name === 'embedded' ? [bare()] : [];
  rows.push(await decided(target, seconds));
  for (const rate of rates) rows.push(await pushed(target, seconds, rate));
  return rows;
};

const bare = (): Row => {
  const nowMs = Date.now();
  const happening: Happening = {
    type: 'message',
    cause: 'm',
    messageId: 'm',
    conversationId: 'c',
    actorId: 'a',
    ownerId: 'a',
    position: 10,
    atMs: nowMs,
    mentions: ['b'],
    words: wordsOf('Mai mình gặp nhau ở hồ Gươm lúc tám giờ nhé'),
    isGroup: true,
    memberCount: membersCount,
  };
  const quietHours = { from: '22:00', to: '07:00', days: [0, 1, 2, 3, 4, 5, 6], mentionsPass: false };
  const candidate: Candidate = {
    userId: 'b',
    isMember: true,
    readPosition: 0,
    settings: {},
    preferences: { ...usualPreferences, timeZone: 'Asia/Ho_Chi_Minh', keywords: ['deploy'], quietHours },
    devices: [{ sessionId: 's', confirmed: 0, isConnected: true }],
    isHere: true,
    hasEmail: true,
  };
  let count = 0;
  const began = performance.now();
  while (performance.now() - began < 1_000) count += decide(happening, candidate, nowMs).length;
  return { what: 'the bare decision, one person with a device and e-mail, quiet hours', perSecond: count };
};

/** One group in which everybody has a device, through history and into the store, as a backlog comes. */
const decided = async (target: Target, seconds: number): Promise<Row> => {
  const own = await ownStores(target);
  const stage = await openStage(own?.stores);
  const people = [];
  for (let i = 0; i < membersCount; i++) people.push((await stage.person()).userId);
  const [sender, ...others] = people as [string, ...string[]];
  const id = await stage.conversation(sender, others);
  let messages = 0;
  let spentMs = 0;
  while (spentMs < seconds * 1_000) {
    const events = Array.from({ length: batchMessages }, () => {
      const command = { content: 'chào buổi sáng', replyTo: null, attachments: [], mentions: [] };
      const made = sendMessage(
        stage.state(id),
        { ...command, ref: crypto.randomUUID() },
        stage.context(sender),
      );
      return (made as ConversationEvent[])[0] as ConversationEvent;
    });
    await stage.write(events, stage.now, (ms) => {
      spentMs += ms;
    });
    messages += batchMessages;
  }
  const perSecond = (messages * membersCount * 1_000) / spentMs;
  await stage.close();
  await own?.drop();
  return {
    what: `${target.name}: decisions about a backlog in a group of ${membersCount} with a device each, kept`,
    perSecond,
    note: `${Math.round((messages * 1_000) / spentMs)} messages a second, ${membersCount - 1} notices each`,
  };
};

const ownStores = async ({ name, env }: Target) => {
  if (name === 'embedded') return null;
  process.env.MYSQL_URL = env.MYSQL_URL;
  const { ownDatabase } = await import('../ports/sql/contract-mysql.ts');
  const database = await ownDatabase();
  const { url } = database;
  const stores = { history: await openMysqlHistory({ url }), store: await openMysqlNotifications({ url }) };
  return { stores, drop: () => database.drop() };
};

const pushed = async (target: Target, seconds: number, rate: number): Promise<Row> => {
  const sink = await startPushServer();
  const people = await register(target.url, toldCount + 1);
  const [sender, ...told] = people as [(typeof people)[0], ...typeof people];
  const peer = await Peer.open(target.url, sender);
  const ids: string[] = [];
  for (const person of told) {
    const { endpoint, keys } = sink.subscribe();
    await call(target.url, 'POST', '/notifications/subscriptions', person.token, { endpoint, keys });
    ids.push(await direct(target.url, sender, person));
  }
  // The worker is one of a group, which takes its time to come together.
  const first = { ref: crypto.randomUUID(), conversationId: ids[0], content: `@${told[0]?.username}` };
  peer.send({ type: 'message', ...first });
  const began = await sink.pushes(null, { count: 1, withinMs: readyWithinMs });
  if (began.length === 0) throw new Error('nobody was told of anything');
  const sent = new Map<string, number>();
  let measuring = false;
  const stop = pace(rate, (n) => {
    const at = n % toldCount;
    const ref = crypto.randomUUID();
    const content = `@${told[at]?.username} chào buổi sáng`;
    if (measuring) sent.set(messageId(sender.id, ref), Date.now());
    peer.send({ type: 'message', ref, conversationId: ids[at], content });
  });
  await sleep(warmMs);
  measuring = true;
  const { cpu } = await withCpu(target.pids, () => sleep(seconds * 1_000));
  measuring = false;
  stop();
  await sleep(lastMs);
  const times: number[] = [];
  for (const { payload, at } of await sink.pushes(null)) {
    const began = sent.get((payload as { messageId: string }).messageId);
    if (began === undefined) continue;
    times.push(Date.parse(at) - began);
    sent.delete((payload as { messageId: string }).messageId);
  }
  peer.close();
  await sink.close();
  return {
    what: `${target.name}: a mention sent to pushed, at ${rate} a second to people who are away`,
    perSecond: times.length / seconds,
    times: timesOf(times),
    cpu: perThousand(cpu, rate * seconds),
    ...(sent.size > 0 && { note: `${sent.size} came together with another or not yet` }),
  };
};

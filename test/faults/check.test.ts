// The checker must see what it is there for: each planted lie about a run without any fault is caught.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageId } from '../../schemas/ids.ts';
import { Timeline } from '../client/timeline.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { check } from './check.ts';
import { Load } from './load.ts';
import type { LoadClient } from './load-client.ts';

const patienceMs = 300;

let server: Embedded;
let load: Load;
beforeAll(async () => {
  server = await startEmbedded();
  load = await Load.prepare({ urls: server.urls, clients: 4, conversations: 2, perSecond: 60 });
  load.start();
  await load.during(1_500);
  await load.quiesce();
});
afterAll(async () => {
  await load?.end();
  await server?.stop();
});

const firstTalk = (): { id: string; client: LoadClient } => {
  const [[id, [client]]] = [...load.members] as [[string, [LoadClient]]];
  return { id, client };
};
const seenBy = (client: LoadClient) => [...load.members.keys()].flatMap((id) => client.timeline.of(id));
/** Runs the checker while this client is said to have been shown something else. */
const whenShown = async (client: LoadClient, timeline: Timeline): Promise<void> => {
  const honest = client.timeline;
  Object.assign(client, { timeline });
  try {
    await check(load, server.urls, patienceMs);
  } finally {
    Object.assign(client, { timeline: honest });
  }
};
const shown = (messages: ReturnType<typeof seenBy>): Timeline => {
  const timeline = new Timeline();
  for (const message of messages) timeline.take({ type: 'message', message });
  return timeline;
};

it('finds nothing wrong with a run without faults', async () => {
  expect((await check(load, server.urls, patienceMs)).acked).toBeGreaterThan(20);
});

it('sees that an acknowledged message is not in history', async () => {
  const { id, client } = firstTalk();
  const ref = randomUUID();
  const lost = { id: messageId(client.person.id, ref), position: '5', conversationId: id, content: 'lost' };
  client.acked.set(ref, lost);
  await expect(check(load, server.urls, patienceMs)).rejects.toThrow(/acknowledged and not in history/);
  client.acked.delete(ref);
});

it('sees that a message was acknowledged at another place than it has', async () => {
  const { client } = firstTalk();
  const [ref = '', honest] = [...client.acked][0] ?? [];
  if (!honest) throw new Error('an acknowledged message is needed');
  client.acked.set(ref, { ...honest, position: '999999' });
  await expect(check(load, server.urls, patienceMs)).rejects.toThrow(/acknowledged as something else/);
  client.acked.set(ref, honest);
});

it('sees that a refused message is in history', async () => {
  const { client } = firstTalk();
  const [ref = ''] = client.acked.keys();
  client.refused.set(ref, 'not_a_member');
  await expect(check(load, server.urls, patienceMs)).rejects.toThrow(/refused and there/);
  client.refused.clear();
});

it('sees a gap, a double, a disorder and a changed text on a screen', async () => {
  const { client } = firstTalk();
  const all = seenBy(client);
  const [first, second, ...rest] = all;
  if (!first || !second) throw new Error('two messages are needed');
  await expect(whenShown(client, shown([first, ...rest]))).rejects.toThrow(/not shown/);
  await expect(whenShown(client, shown([...all, first]))).rejects.toThrow(/order and repetition/);
  await expect(whenShown(client, shown([second, first, ...rest]))).rejects.toThrow(/order and repetition/);
  await expect(whenShown(client, shown([{ ...first, content: 'other' }, second, ...rest]))).rejects.toThrow(
    /seed/,
  );
});

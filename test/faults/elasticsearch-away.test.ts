// Elasticsearch stopped, killed, and with a full disk: people go on talking and reading, search says that it is away, at
// once once that is known, and finds everything exactly once when it is back.
import { randomUUID } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SearchResult } from '../../schemas/views.ts';
import { startStack } from '../../stack/index.ts';
import { eventually } from '../client/eventually.ts';
import { groupOf, Person } from '../client/person.ts';
import { type Cluster, startCluster } from '../harness.ts';
import { closeScene, type Scene } from './scene.ts';

/** The first who asks waits so long at most, on a busy machine; all others nearly not at all. */
const firstWithinMs = 6_000;
const othersWithinMs = 1_500;
const sentWithinMs = 3_000;
const catchUpMs = 30_000;

let scene: Pick<Scene, 'stack' | 'cluster'>;
let ann: Person;
let conversationId: string;
let server: Client;
beforeAll(async () => {
  const stack = await startStack({
    name: `faults-${randomUUID().slice(0, 8)}`,
    services: ['kafka', 'mysql', 'redis', 'elasticsearch'],
    freePorts: true,
  });
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster(stack.env);
    scene = { stack, cluster };
  } catch (error) {
    await stack.down();
    throw error;
  }
  server = new Client({ node: stack.env.ELASTICSEARCH_URL ?? '' });
  const [here = '', there = ''] = cluster.urls;
  ann = await Person.online(here, 'ann');
  const bob = await Person.register(there, 'bob');
  conversationId = (await groupOf(ann, [bob], 'search')).id;
});
afterAll(async () => {
  await server?.close();
  await closeScene(scene);
});

const marker = (): string => `m${randomUUID().replaceAll('-', '')}`;
const timed = async <T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> => {
  const began = performance.now();
  const value = await work();
  return { value, ms: performance.now() - began };
};
const search = async (q: string) => {
  const answer = await fetch(
    `${scene.cluster.urls[0]}/api/search?${new URLSearchParams({ q, limit: '100' })}`,
    {
      headers: { authorization: `Bearer ${ann.token}` },
    },
  );
  const body = (await answer.json()) as SearchResult & { code?: string };
  return { status: answer.status, body, retryAfter: Number(answer.headers.get('retry-after')) };
};
const found = async (q: string): Promise<string[]> =>
  (await search(q)).body.items.map(({ message }) => message.content);
const says = (text: string): Promise<{ ms: number }> => timed(() => ann.say(conversationId, text));

/** Says some things while it is away, each without delay, and history has them. */
const talk = async (word: string, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) expect((await says(`${word} ${n}`)).ms).toBeLessThan(sentWithinMs);
  const { items } = await ann.api.history(conversationId);
  expect(items.filter(({ content }) => content.startsWith(word))).toHaveLength(count);
};
const isAway = async (): Promise<void> => {
  const { value, ms } = await timed(() => search('anything'));
  expect(value).toMatchObject({ status: 503, body: { code: 'search_unavailable' } });
  expect(value.retryAfter).toBeGreaterThanOrEqual(1);
  expect(ms).toBeLessThan(firstWithinMs);
};
/** All of it, newest first, once each; and what had been said before it is still there. */
const catchesUp = async (word: string, count: number): Promise<void> => {
  const wanted = Array.from({ length: count }, (_, n) => `${word} ${count - 1 - n}`);
  await eventually(async () => (await found(word)).length >= count, 'search has caught up', catchUpMs);
  expect(await found(word)).toEqual(wanted);
};

describe('Elasticsearch', () => {
  const before = marker();

  it('finds what is said', async () => {
    await talk(before, 3);
    await catchesUp(before, 3);
  });

  it('that answers nothing any more is known to be away, and is caught up with', async () => {
    const word = marker();
    await scene.stack.kill('elasticsearch', 'SIGSTOP');
    try {
      await talk(word, 5);
      await isAway();
      const { value, ms } = await timed(() => Promise.all(Array.from({ length: 6 }, () => search('x'))));
      expect(value.map(({ status }) => status)).toEqual(Array(6).fill(503));
      expect(ms).toBeLessThan(firstWithinMs);
      expect(
        Math.min(...(await Promise.all([1, 2, 3].map(async () => (await timed(isAway)).ms)))),
      ).toBeLessThan(othersWithinMs);
    } finally {
      await scene.stack.kill('elasticsearch', 'SIGCONT');
    }
    await catchesUp(word, 5);
    await catchesUp(before, 3);
  });

  it('that was killed is away at once, and is caught up with when it is back', async () => {
    const word = marker();
    await scene.stack.kill('elasticsearch', 'SIGKILL');
    await talk(word, 5);
    await isAway();
    await scene.stack.start('elasticsearch');
    await catchesUp(word, 5);
    await catchesUp(before, 3);
  });

  it('whose disk is full still finds, and takes what came meanwhile when there is room', async () => {
    const word = marker();
    const full = (is: boolean | null) =>
      server.indices.putSettings({
        index: 'chatvui-messages',
        settings: { index: { blocks: { read_only_allow_delete: is } } } as Record<string, unknown>,
      });
    await full(true);
    await talk(word, 5);
    expect(await found(before)).toHaveLength(3);
    expect(await found(word)).toEqual([]);
    await full(null);
    await catchesUp(word, 5);
  });
});

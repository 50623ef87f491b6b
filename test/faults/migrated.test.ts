// An installation that moves to the real servers and back, killed on the way: every person finds what they had.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NewIncomingHook } from '../../schemas/bots.ts';
import { startStack } from '../../stack/index.ts';
import { Api } from '../client/api.ts';
import { groupOf, Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { freePort, ProductProcess } from '../harness-process.ts';
import { runCommand } from '../journeys/importing.ts';

let stack: Awaited<ReturnType<typeof startStack>>;
let server: Embedded;
let back: string;
beforeAll(async () => {
  back = await mkdtemp(join(tmpdir(), 'chatvui-back-'));
  stack = await startStack({
    name: `migrate-${randomUUID().slice(0, 8)}`,
    services: ['kafka', 'mysql', 'redis'],
    freePorts: true,
  });
  server = await startEmbedded();
});
afterAll(async () => {
  await server?.stop();
  await stack?.down();
  await rm(back, { recursive: true, force: true });
});

const migrate = (dataDir: string, to: string, killAfter?: RegExp) =>
  runCommand({ ...stack.env, DATA_DIR: dataDir, ELASTICSEARCH_URL: '' }, ['migrate', '--to', to], killAfter);

/** Runs the product there for as long as `work` takes. */
const living = async <T>(env: Record<string, string>, work: (url: string) => Promise<T>): Promise<T> => {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const common = { HOST: '127.0.0.1', PORT: port, RATE_LIMITS: 'off' };
  const product = new ProductProcess({ name: 'moved', args: ['start'], env: { ...common, ...env }, url });
  await product.start();
  try {
    return await work(url);
  } finally {
    await product.kill('SIGTERM');
  }
};

/** All that a person finds, with the number of a message in its conversation for its place. */
const foundBy = async (url: string, name: string) => {
  const api = new Api(url);
  const { user } = await api.signIn(name, password);
  const { items } = await api.conversations({ limit: 100 });
  const found = await Promise.all(
    items.map(async (listed) => {
      const history = await api.wholeHistory(listed.id);
      const places = history.map(({ position }) => Number(position));
      const number = (position: string) => places.filter((place) => place <= Number(position)).length;
      const { lastMessage, members, ...conversation } = listed;
      return {
        ...conversation,
        lastMessage: lastMessage?.id,
        members: members
          .map(({ readPosition, ...member }) => ({ ...member, read: number(readPosition) }))
          .sort((a, b) => (a.userId < b.userId ? -1 : 1)),
        history: history.map(({ position, ...message }) => ({ ...message, number: number(position) })),
      };
    }),
  );
  return { id: user.id, found: found.sort((a, b) => (a.id < b.id ? -1 : 1)) };
};

/** A life that leaves every kind of event, and places of every kind in them. Answers an address that posts. */
const live = async (people: Person[]): Promise<string> => {
  const [ann, bob, chi, dan] = people as [Person, Person, Person, Person];
  for (const name of ['one', 'two', 'three']) {
    const group = await groupOf(ann, [bob, chi], name);
    const sent = [];
    for (let n = 0; n < 6; n++) sent.push(await [ann, bob, chi][n % 3]!.api.send(group.id, `${name} ${n}`));
    await ann.api.edit(sent[0]!.id, `${name} edited`);
    await bob.api.deleteMessage(sent[1]!.id);
    await chi.api.react(sent[2]!.id, '🎉');
    await bob.api.markRead(sent[3]!.id);
    await ann.api.removeMember(group.id, chi.id);
    await ann.api.send(group.id, 'not for chi', { replyTo: sent[0]!.id });
    await ann.api.addMember(group.id, chi.id);
    await ann.api.addMember(group.id, dan.id, true);
    const last = await dan.api.send(group.id, 'here');
    await chi.api.markRead(last.id);
    await bob.api.removeMember(group.id, bob.id);
    await dan.api.edit(last.id, 'here now');
  }
  const direct = await ann.api.createDirect(bob.id);
  await bob.api.send(direct.id, 'just us');
  const group = await groupOf(ann, [bob], 'builds');
  const hook = await ann.api.call<NewIncomingHook>('POST', '/api/hooks', {
    name: 'Build server',
    conversationId: group.id,
  });
  return hook.path;
};

const post = async (url: string, path: string): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: '{"text":"green"}' });
  expect(answer.status).toBe(201);
};

it('keeps what everybody has, and everybody signed in, there and back again', async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => Person.register(server.url)));
  const path = await live(people);
  await post(server.url, path);
  const names = people.map(({ user }) => user.username);
  const foundAt = (url: string) => Promise.all(names.map((name) => foundBy(url, name)));
  const before = await foundAt(server.url);

  const refused = await migrate(server.dataDir, 'real');
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('in use by another process') });
  await server.process.kill('SIGTERM');
  await migrate(server.dataDir, 'real', /copy|verify/);
  const moved = await migrate(server.dataDir, 'real');
  expect(moved.output).toMatch(/read back equal|is finished/);
  expect((await migrate(server.dataDir, 'real')).output).toContain('is finished');

  const sentThere = await living(stack.env, async (url) => {
    expect(await foundAt(url)).toEqual(before);
    const devices = await fetch(`${url}/api/sessions`, {
      headers: { authorization: `Bearer ${people[0]?.token}` },
    });
    expect(devices.status).toBe(200);
    const api = new Api(url);
    await api.signIn(names[0] as string, password);
    const sent = await api.send(before[0]?.found[0]?.id as string, 'said there');
    await post(url, path);
    return { sent, found: await foundAt(url) };
  });

  const returned = await migrate(back, 'embedded');
  expect(returned).toMatchObject({ code: 0, output: expect.stringContaining('read back equal') });
  await living({ DATA_DIR: back }, async (url) => {
    expect(await foundAt(url)).toEqual(sentThere.found);
    await post(url, path);
  });
});

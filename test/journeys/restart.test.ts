// The product ends and comes back: told to, or killed. Nobody is signed out, nothing is lost, nothing comes twice.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../client/api.ts';
import { directOf, groupOf, Person, password } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { ProductProcess } from '../harness-process.ts';

/** The protocol's bound for `npm start`. */
const stopWithinMs = 30_000;

describe('a restart', () => {
  let server: Embedded;
  beforeAll(async () => {
    server = await startEmbedded();
  });
  afterAll(() => server?.stop());

  const pair = async () => {
    const [ann, bob] = await Promise.all([Person.online(server.url), Person.online(server.url)]);
    return { ann, bob, id: (await groupOf(ann, [bob])).id };
  };

  it('on SIGTERM tells every socket and closes it with 1012, and ends by itself with code 0 in time', async () => {
    const { ann, bob } = await pair();
    const started = performance.now();
    const ended = server.process.kill('SIGTERM', stopWithinMs);
    for (const { socket } of [ann, bob]) {
      expect((await socket.waitForClose(10_000)).code).toBe(1012);
      expect(socket.all('notice').map(({ code }) => code)).toEqual(['restarting']);
    }
    expect(await ended).toEqual({ code: 0, signal: null });
    console.log(`SIGTERM to the end: ${Math.round(performance.now() - started)} ms`);
    await server.process.start();
  });

  it('answers what was acknowledged in the moment of SIGTERM after the restart', async () => {
    const { ann, id } = await pair();
    const refs = Array.from({ length: 100 }, () => randomUUID());
    for (const ref of refs)
      ann.socket.send({ type: 'message', ref, conversationId: id, content: `in the last moment ${ref}` });
    const ended = server.process.kill('SIGTERM', stopWithinMs);
    await ann.socket.waitForClose(10_000);
    expect((await ended).code).toBe(0);
    const acked = ann.socket.all('ack').map(({ message }) => message.id);
    await server.process.start();
    const kept = (await ann.api.wholeHistory(id)).map((message) => message.id);
    expect(new Set(kept).size).toBe(kept.length);
    for (const each of acked) expect(kept).toContain(each);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    it(`signs nobody out, forgets nothing and takes old cursors and refs after ${signal}`, async () => {
      const { ann, bob, id } = await pair();
      const ref = randomUUID();
      const first = await ann.say(id, 'before the restart', { ref });
      await bob.sees(first.id);
      await bob.api.markRead(first.id);
      await ann.api.react(first.id, '👍');
      const cursor = bob.socket.cursor;
      await server.process.kill(signal, stopWithinMs);
      await server.process.start();

      // The same access tokens, refresh cookies, passwords.
      expect((await ann.api.conversations()).items.map((each) => each.id)).toContain(id);
      expect((await bob.api.refresh()).user.id).toBe(bob.id);
      expect((await new Api(server.url).signIn(ann.user.username, password)).user.id).toBe(ann.id);
      const socket = await bob.connect({ cursor });
      expect(socket.all('connect')[0]?.resumed).toBe(true);
      await ann.connect();
      const again = await ann.say(id, 'before the restart', { ref });
      expect(again).toMatchObject({ id: first.id, position: first.position });
      const next = await ann.say(id, 'after the restart');
      await bob.sees(next.id);
      expect(Number(next.position)).toBeGreaterThan(Number(first.position));
      const kept = await bob.api.wholeHistory(id);
      expect(kept.map(({ content }) => content)).toEqual(['before the restart', 'after the restart']);
      expect(kept[0]).toMatchObject({ reactions: [{ emoji: '👍', userIds: [ann.id] }], isRead: true });
      expect((await bob.api.conversation(id)).unreadCount).toBe(1);
      expect((await directOf(ann, bob)).isGroup).toBe(false);
    });

  it('refuses a second process on the same data, and the first goes on', async () => {
    const second = new ProductProcess({
      name: 'second',
      args: ['start'],
      env: { HOST: '127.0.0.1', PORT: '0', DATA_DIR: server.dataDir },
    });
    await second.start();
    const { code } = await second.ended(20_000);
    expect(code).not.toBe(0);
    expect(second.log).toMatch(/already|another|in use|lock/i);
    const { ann, id } = await pair();
    await ann.say(id, 'still here');
  });
});

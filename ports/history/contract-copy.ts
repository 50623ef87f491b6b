// History a second time: made beside the live one, compared with it, put in its place, or used to mend it.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../schemas/rows.ts';
import type { ProjectionCopy } from '../copy.ts';
import { epoch, topic, type World, worldIn } from './contract-world.ts';
import type { Commit, HistoryStore, HistoryWriter, PresenceHistory } from './port.ts';

/** No divisor of anything here. */
const batchEvents = 97;

/** An empty history of its own, and a way to damage it behind its back. */
export type FreshHistory = { store: HistoryStore; run(sql: string): Promise<void>; close(): Promise<void> };

export const copyContract = (fresh: () => Promise<FreshHistory>): void => {
  describe('a copy', () => {
    let history: FreshHistory;
    let store: HistoryStore;
    let commits: Commit[];
    let world: World;

    beforeEach(async () => {
      history = await fresh();
      commits = [];
      const { writer } = history.store;
      store = {
        ...history.store,
        writer: {
          claim: (...args) => writer.claim(...args),
          conversations: (ids) => writer.conversations(ids),
          commit: async (batch) => {
            commits.push(batch);
            await writer.commit(batch);
          },
        },
      };
      world = await worldIn(store);
      const friend = randomUUID();
      await world.open(friend);
      await world.send(1_200, { mentions: [friend] });
      const id = randomUUID();
      const mentions = [friend];
      const file = { mediaId: randomUUID(), name: 'a.png', contentType: 'image/png', size: 1 };
      await world.event(world.message({ id, mentions, content: 'first', attachments: [file] }));
      const place = world.place;
      await world.event(world.message({ id, mentions, content: 'second', rev: 2, position: place }));
      await world.event(world.reaction(id));
      await world.event(world.preview(id));
      await world.event(world.reaction(id, { active: false, rev: 2 }));
      await world.event(world.conversation({ name: 'Nhà mình', rev: 2 }));
      await world.event(world.mark(friend, place - 1));
      await world.event(world.mark(friend, place));
      await world.event(world.user(friend, 'bình'));
    });
    afterEach(() => history.close());

    /** What the live one was told, told to the copy in batches of another size. */
    const replay = async (copy: ProjectionCopy<HistoryWriter>): Promise<void> => {
      const { partition } = world;
      const { fence, next: from } = await copy.writer.claim(topic, partition, epoch);
      const changes = commits.flatMap((commit) => commit.changes);
      for (let done = from; done < world.place; done += batchEvents) {
        const next = Math.min(done + batchEvents, world.place);
        const ofPlace = ({ position }: Change) => position > done && position <= next;
        await copy.writer.commit({
          topic,
          partition,
          fence,
          next,
          changes: changes.filter(ofPlace),
          deadLetters: [],
        });
      }
    };
    const compared = async (copy: ProjectionCopy<HistoryWriter>) => {
      const found = await copy.compare(() => {});
      return found.map(({ table, kind, columns }) => `${kind} ${table} ${columns.join(',')}`.trim()).sort();
    };
    const live = () => store.reader.applied(topic).then((applied) => ({ [topic]: applied }));
    const texts = async () => {
      const page = await store.reader.page({
        conversationId: world.conversationId,
        visible: 'all',
        limit: 3,
      });
      return page.map(({ message }) => message.content);
    };

    it('of the same events has the same rows, however they were batched', { timeout: 60_000 }, async () => {
      const copy = await store.copy();
      await replay(copy);
      let rows = 0;
      expect(await copy.compare((more) => (rows += more))).toEqual([]);
      expect(rows).toBeGreaterThan(2_400);
      expect(await copy.applied(topic)).toEqual(await store.reader.applied(topic));
      await copy.drop();
    });

    it('is found again when it was begun, and goes on from its own place', { timeout: 60_000 }, async () => {
      const first = await store.copy();
      const { fence } = await first.writer.claim(topic, world.partition, epoch);
      const changes = commits[0]?.changes ?? [];
      await first.writer.commit({
        topic,
        partition: world.partition,
        fence,
        next: 1,
        changes,
        deadLetters: [],
      });
      expect(await store.beside()).toEqual({ begun: true, old: false });
      expect((await store.begunAt(topic))?.[world.partition]).toBe(1);
      const again = await store.copy();
      expect((await again.writer.claim(topic, world.partition, epoch)).next).toBe(1);
      await replay(again);
      expect(await compared(again)).toEqual([]);
      await again.drop();
      expect(await store.beside()).toEqual({ begun: false, old: false });
      expect(await store.begunAt(topic)).toBeNull();
      const afresh = await store.copy();
      expect(await afresh.applied(topic)).toEqual([]);
    });

    it("of presence is its own, and leaves history's alone", { timeout: 60_000 }, async () => {
      const rows = (status: 'online' | 'offline', position: number) => [
        { userId: world.owner, status, at: '2026-01-02T03:04:05.678Z', position },
      ];
      const place = { topic: 'chat.presence', partition: 0, next: 1 };
      const write = async (writer: PresenceHistory, status: 'online' | 'offline') => {
        const { fence } = await writer.claim(place.topic, place.partition, epoch);
        await writer.commit({ ...place, fence, rows: rows(status, 1) });
      };
      await write(store.presence, 'offline');
      const begun = await store.copy();
      const copy = await store.presence.copy();
      await write(copy.writer, 'online');
      const found = await copy.compare(() => {});
      expect(found).toEqual([
        { table: 'user_presence', key: [world.owner], kind: 'different', columns: ['status'] },
      ]);
      await copy.holding({ 'chat.presence': [1] }, () => copy.take());
      expect(await store.presence.notOffline()).toHaveLength(1);
      expect(await store.beside()).toEqual({ begun: true, old: false });
      expect(await store.presence.beside()).toEqual({ begun: false, old: true });
      await begun.drop();
    });

    it('names every damaged row, and mends it', { timeout: 60_000 }, async () => {
      const copy = await store.copy();
      await replay(copy);
      const conversation = `conversation_id = '${world.conversationId}'`;
      await history.run(`UPDATE messages SET content = 'forged' WHERE ${conversation} AND position = 7`);
      await history.run(`DELETE FROM messages WHERE ${conversation} AND position IN (9, 10)`);
      await history.run(`UPDATE conversation_users SET is_admin = 1 - is_admin WHERE ${conversation}`);
      await history.run(`UPDATE read_marks SET position = 1 WHERE ${conversation}`);
      await history.run(
        `INSERT INTO reactions SELECT conversation_id, message_id, '${randomUUID()}', emoji, active, reacted_at, rev, position FROM reactions`,
      );
      const found = await copy.compare(() => {});
      expect(
        found.map(({ table, kind, columns }) => `${kind} ${table} ${columns.join(',')}`.trim()).sort(),
      ).toEqual([
        'different conversation_users is_admin',
        'different conversation_users is_admin',
        'different messages content',
        'different read_marks position',
        'extra reactions',
        'missing messages',
        'missing messages',
      ]);
      expect(await copy.recheck(found)).toHaveLength(found.length);
      expect(await copy.holding(await live(), () => copy.mend(found).then(() => 'mended'))).toBe('mended');
      expect(await compared(copy)).toEqual([]);
      await copy.drop();
      // What the writer of the live one remembers came from damaged rows.
      await expect(world.send(1)).rejects.toMatchObject({ code: 'fenced' });
    });

    it('mends rows of which each stands in the place of another', { timeout: 60_000 }, async () => {
      const copy = await store.copy();
      await replay(copy);
      const conversation = `conversation_id = '${world.conversationId}'`;
      for (const [from, to] of [
        [3, 9_003],
        [4, 3],
        [9_003, 4],
      ])
        await history.run(
          `UPDATE messages SET position = ${to} WHERE ${conversation} AND position = ${from}`,
        );
      const found = await copy.compare(() => {});
      expect(found.map(({ kind, key }) => [kind, key[1]])).toEqual([
        ['different', 3],
        ['different', 4],
      ]);
      await copy.holding(await live(), () => copy.mend(found));
      expect(await compared(copy)).toEqual([]);
    });

    it('does nothing when the live one has moved on meanwhile', { timeout: 60_000 }, async () => {
      const copy = await store.copy();
      await replay(copy);
      const at = await live();
      await world.send(1);
      let ran = false;
      expect(await copy.holding(at, async () => (ran = true))).toBeNull();
      expect(ran).toBe(false);
      await copy.drop();
    });

    it('lets nobody write between the last look and the change of places', { timeout: 60_000 }, async () => {
      const copy = await store.copy();
      await replay(copy);
      const at = await live();
      let late: Promise<unknown> = Promise.resolve();
      await copy.holding(at, async () => {
        late = world.send(1).catch((error: unknown) => error);
        expect(await copy.recheck([{ table: 'messages', key: [world.conversationId, 1] }])).toEqual([]);
        await copy.take();
      });
      // It waited, and is told to look where the new one stands, which is where the old one stood.
      expect(await late).toMatchObject({ code: 'fenced' });
      expect({ [topic]: await store.reader.applied(topic) }).toEqual(at);
      await world.claim();
      await world.send(1);
      expect(await texts()).toContain(`text ${world.place}`);
    });

    it('tells what had come to differ at the moment of the change of places', {
      timeout: 60_000,
    }, async () => {
      const copy = await store.copy();
      await replay(copy);
      expect(await compared(copy)).toEqual([]);
      const conversation = `conversation_id = '${world.conversationId}'`;
      await history.run(`UPDATE messages SET content = 'forged' WHERE ${conversation} AND position = 7`);
      await history.run(`DELETE FROM messages WHERE ${conversation} AND position = 9`);
      const at = await live();
      await copy.holding(at, () => copy.take());
      let rows = 0;
      const late = await copy.compareOld(at, (more) => (rows += more));
      expect(late?.map(({ kind, key, columns }) => [kind, key[1], columns])).toEqual([
        ['different', 7, ['content']],
        ['missing', 9, []],
      ]);
      expect(rows).toBeGreaterThan(2_400);
      // As soon as somebody has written, nobody can tell.
      await world.claim();
      await world.send(1);
      expect(await copy.compareOld(at, () => {})).toBeNull();
    });

    it('takes the place of the live one while people read and write, and the old one is kept until told', {
      timeout: 60_000,
    }, async () => {
      const copy = await store.copy();
      await replay(copy);
      await history.run(`UPDATE messages SET content = 'forged' WHERE position > 1000`);
      let reading = true;
      let reads = 0;
      const reader = (async () => {
        for (; reading; reads += 1) await texts();
      })();
      expect(await copy.holding(await live(), () => copy.take().then(() => 'taken'))).toBe('taken');
      expect(await texts()).not.toContain('forged');
      await world.claim();
      await world.send(2);
      expect((await texts()).at(-1)).toBe(`text ${world.place}`);
      reading = false;
      await reader;
      expect(reads).toBeGreaterThan(0);
      expect(await store.beside()).toEqual({ begun: false, old: true });
      // And once more, from the beginning; only one old one is kept.
      const second = await store.copy();
      expect(await store.beside()).toEqual({ begun: true, old: true });
      await replay(second);
      expect(await compared(second)).toEqual([]);
      await expect(second.holding(await live(), () => second.take())).rejects.toMatchObject({
        code: 'old_copy_kept',
      });
      expect(await store.dropOld()).toBe(true);
      expect(await store.dropOld()).toBe(false);
      expect(await second.holding(await live(), () => second.take().then(() => 'taken'))).toBe('taken');
      expect((await texts()).at(-1)).toBe(`text ${world.place}`);
    });
  });
};

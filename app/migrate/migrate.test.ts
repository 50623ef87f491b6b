// An installation moves whole, between logs of other partition counts, whatever is killed on the way.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventLog } from '../../ports/event-log/port.ts';
import { noticeFor } from '../../ports/notifications/contract.ts';
import { makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import { usualPreferences } from '../../schemas/notifications.ts';
import { anySteps, logOf } from '../../test/properties/histories.ts';
import { scan, stretchesOf } from '../log-scan.ts';
import { installations, options } from './fixture.ts';
import { migrate, movedTopics, type Side } from './migrate.ts';

const { openSide, put } = installations();

const historyOf = (run: number, seed: number): ChatEvent[] =>
  fc.sample(anySteps, { numRuns: 1, seed }).flatMap((steps) => logOf(run, steps));

const user = (n: number): ChatEvent => {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const time = '2026-01-01T00:00:00.000Z';
  const row = {
    id,
    username: `u${n}`,
    profilePicUrl: null,
    kind: 'person' as const,
    createdAt: time,
    rev: 1,
  };
  return makeEvent({ type: 'user.registered', id, subject: id, actor: id, time, data: { user: row } });
};

const filled = async (partitions = 5): Promise<Side> => {
  const side = await openSide('source', partitions);
  await put(side.log, 'chat.users', [user(1), user(2), user(3)]);
  // Many conversations, so that several share a partition on both sides.
  for (let run = 1; run <= 6; run++) await put(side.log, 'chat.conversations', historyOf(run, run));
  await side.accounts.setMark('mine', 'kept');
  return side;
};

/** Keys with their event ids in order. */
const storyOf = async (log: EventLog): Promise<Record<string, string[]>> => {
  const story: Record<string, string[]> = {};
  for await (const { topic, key, value } of scan(log, await stretchesOf(log, movedTopics), 'partition')) {
    const { id } = JSON.parse(new TextDecoder().decode(value)) as ChatEvent;
    const name = `${topic} ${key}`;
    story[name] = [...(story[name] ?? []), id];
  }
  return story;
};

/** The log as a process sees it that is killed while it writes its nth time. */
const killedAt = (log: EventLog, writes: number): EventLog => {
  let left = writes;
  return {
    ...log,
    append: async (topic, records) => {
      left -= 1;
      if (left < 0) throw new Error('killed');
      if (left > 0) return log.append(topic, records);
      // Of several partitions in one request some may be written.
      await log.append(
        topic,
        records.filter(({ partition }) => partition % 2 === 0),
      );
      throw new Error('killed');
    },
  };
};

describe('migrate', { timeout: 60_000 }, () => {
  it('copies every key in its order into another number of partitions, and accounts with it', async () => {
    const source = await filled(5);
    const target = await openSide('target', 3);
    const moved = await migrate(options(source, target));
    expect(await storyOf(target.log)).toEqual(await storyOf(source.log));
    expect(moved.events).toBe(Object.values(await storyOf(source.log)).flat().length);
    expect(moved.epoch).not.toBe(await source.log.epoch());
    expect(await target.accounts.mark('mine')).toBe('kept');
  });

  it('brings files and what is known of them along, and goes on where it was killed', async () => {
    const source = await filled(3);
    const target = await openSide('target', 3);
    const ownerId = randomUUID();
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) {
      const { records, blobs, spool } = source.media;
      const createdAt = '2026-01-01T00:00:00.000Z';
      await records.begin(
        { id, ownerId, name: 'a', room: 6, createdAt },
        { personBytesMax: 0, instanceBytesMax: 0 },
      );
      for (const part of ['original', 'thumb', 'preview'] as const) {
        const spooled = await spool.take(Readable.from([Buffer.from(`${part} of ${id}`)]), {
          bytesMax: 100,
          idleMs: 1000,
        });
        if (typeof spooled !== 'object') throw new Error(spooled);
        await blobs.put(id, part, spooled.path);
      }
      const file = {
        contentType: 'image/png',
        size: 6,
        sha256: 'a'.repeat(64),
        width: 1,
        height: 1,
        durationMs: null,
      };
      await records.ready(id, { ...file, name: 'a', room: 6, placeholder: null, hasVariants: true });
    }
    const { blobs } = target.media;
    let puts = 0;
    const dying: Side = {
      ...target,
      media: {
        ...target.media,
        blobs: {
          ...blobs,
          put: (...args) => (++puts > 4 ? Promise.reject(new Error('killed')) : blobs.put(...args)),
        },
      },
    };
    await expect(migrate(options(source, dying))).rejects.toThrow('killed');
    expect((await migrate(options(source, target))).files).toBe(2);
    expect(puts).toBe(5);
    expect(await target.media.records.find(ids)).toEqual(await source.media.records.find(ids));
    expect(await target.media.records.used(ownerId)).toEqual({ person: 12, instance: 12 });
    for (const id of ids) {
      const found = await blobs.get(id, 'preview');
      const chunks: Buffer[] = [];
      for await (const chunk of found?.stream ?? []) chunks.push(chunk as Buffer);
      expect(String(Buffer.concat(chunks))).toBe(`preview of ${id}`);
    }
  });

  it('keeps the place from which somebody has marked a conversation unread', async () => {
    const source = await filled(5);
    const target = await openSide('target', 3);
    /** Every message of the log with its conversation and place. */
    const messagesOf = async ({ log }: Side) => {
      const found: { id: string; key: string; place: number }[] = [];
      for await (const { topic, key, offset, value } of scan(
        log,
        await stretchesOf(log, movedTopics),
        'partition',
      )) {
        const event = JSON.parse(new TextDecoder().decode(value)) as ChatEvent;
        if (topic === 'chat.conversations' && event.type === 'message.sent')
          found.push({ id: event.id, key, place: offset + 1 });
      }
      return found;
    };
    const userId = randomUUID();
    const now = '2026-01-01T00:00:00.000Z';
    const marked = new Map<string, string>();
    for (const { id, key, place } of await messagesOf(source)) {
      marked.set(key, id);
      const value = { pinned: true, unreadFrom: String(place) };
      await source.accounts.putPersonal(userId, { kind: 'conversation', key, value, now });
    }
    // Some stand there twice.
    const messages = new Map((await messagesOf(source)).map((message) => [message.id, message]));
    const waiting = [...messages.values()].map(({ id, key, place }) =>
      noticeFor({ userId, conversationId: key, messageId: id, position: place }),
    );
    for (const notice of waiting) await source.notifications.queue.add(notice);
    const preferences = { ...usualPreferences, keywords: ['chào'] };
    await source.notifications.people.setPreferences(userId, preferences, 1);
    await migrate(options(source, target));
    const there = new Map((await messagesOf(target)).map(({ id, place }) => [id, String(place)]));
    const { items } = await target.accounts.personalChanges(userId, { since: 0, limit: 100 });
    expect(items.length).toBeGreaterThan(3);
    for (const notice of waiting)
      expect(await target.notifications.queue.notice(notice.id)).toEqual({
        ...notice,
        position: Number(there.get(notice.messageId)),
      });
    expect((await target.notifications.people.preferences([userId])).get(userId)).toEqual(preferences);
    for (const { key, value } of items)
      expect(value).toEqual({ pinned: true, unreadFrom: there.get(marked.get(key) as string) });
  });

  it('goes on where it was killed, also in the middle of a write, and when the source has grown meanwhile', async () => {
    const source = await filled(4);
    const target = await openSide('target', 7);
    for (const writes of [1, 2]) {
      const dying = { ...target, log: killedAt(target.log, writes) };
      await expect(migrate(options(source, dying))).rejects.toThrow('killed');
      await put(source.log, 'chat.conversations', historyOf(10 + writes, writes));
    }
    await migrate(options(source, target));
    expect(await storyOf(target.log)).toEqual(await storyOf(source.log));
  });

  it('comes back to where it began, and says the same there', async () => {
    const source = await filled(5);
    const there = await openSide('there', 12);
    const first = await migrate(options(source, there));
    const back = await openSide('back', 5);
    const second = await migrate(options(there, back));
    expect(second.digest).toBe(first.digest);
    expect(await storyOf(back.log)).toEqual(await storyOf(source.log));
  });

  it('refuses a target that is not empty, and one that is finished', async () => {
    const source = await filled();
    const used = await openSide('used', 3);
    await put(used.log, 'chat.users', [user(9)]);
    await expect(migrate(options(source, used))).rejects.toThrow('not empty (chat.users)');
    const target = await openSide('target', 3);
    await expect(migrate({ ...options(source, target), hasHistory: true })).rejects.toThrow('history');
    await migrate(options(source, target));
    await expect(migrate(options(source, target))).rejects.toThrow('is finished');
  });

  it('refuses a source that somebody writes into', async () => {
    const source = await filled();
    const target = await openSide('target', 3);
    let looked = 0;
    const living: EventLog = {
      ...source.log,
      describeTopics: async (names) => {
        looked += 1;
        if (looked > 1) await put(source.log, 'chat.users', [user(4)]);
        return source.log.describeTopics(names);
      },
    };
    await expect(migrate(options({ ...source, log: living }, target))).rejects.toThrow(
      'Somebody still writes into the source (chat.users)',
    );
    await migrate(options(source, target));
    expect(await storyOf(target.log)).toEqual(await storyOf(source.log));
  });

  it('notices a copy into which somebody else wrote', async () => {
    const source = await filled();
    const target = await openSide('target', 3);
    const shared: EventLog = {
      ...target.log,
      append: async (topic, records) => {
        if (topic === 'chat.conversations') await put(target.log, topic, [historyOf(50, 1)[0] as ChatEvent]);
        return target.log.append(topic, records);
      },
    };
    await expect(migrate(options(source, { ...target, log: shared }))).rejects.toThrow(
      /Somebody else writes into the target|not equal/,
    );
  });
});

// Files go with their last use, on the embedded stores, whatever fails on the way.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryStore } from '../../ports/history/port.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import { openFolder } from '../../ports/media/folder.ts';
import type { Blobs, MediaRecords, Spool } from '../../ports/media/port.ts';
import { openSpool } from '../../ports/media/spool.ts';
import { openSqliteMedia } from '../../ports/media/sqlite.ts';
import { createConversation } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { deleteMessage, sendMessage } from '../../producers/message.ts';
import { addPreview, removePreview } from '../../producers/preview.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import { encodeEvent, makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent, ConversationEvent } from '../../schemas/events.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { topicShapes } from '../../schemas/topics.ts';
import { apply } from '../history/apply.ts';
import { startHistory } from '../history/start.ts';
import { consumerMetrics } from '../metrics.ts';
import type { RunningProjection } from '../running.ts';
import { mediaTopics, startMedia } from './start.ts';
import { MediaSweeper } from './sweeper.ts';

const partitions = 3;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const an = randomUUID();
const context = (): Context => ({ actorId: an, now: new Date().toISOString(), newId: randomUUID });
const dir = mkdtempSync(join(tmpdir(), 'chatvui-media-consumer-'));
let log: EventLog;
let history: HistoryStore;
let records: MediaRecords;
let blobs: Blobs;
let spool: Spool;
const failures: Error[] = [];
const running: RunningProjection[] = [];

const starts = async (): Promise<void> => {
  const shared = {
    log,
    logger: silent,
    metrics: consumerMetrics(new Registry()),
    onFailure: (error: Error) => void failures.push(error),
    skips: new Set<string>() as never,
  };
  running.push(await startHistory({ ...shared, writer: history.writer }));
  const media = { ...shared, records, blobs, history: history.reader, registry: new Registry(), gatherMs: 0 };
  running.push(await startMedia({ ...media, sweepEveryMs: 3600_000 }));
};

beforeAll(async () => {
  log = await openEmbeddedLog({ dir });
  await log.ensureTopics(topicShapes(partitions));
  history = await openSqliteHistory({ dir });
  records = await openSqliteMedia({ dir });
  blobs = openFolder({ dir: join(dir, 'media') });
  spool = openSpool({ dir: join(dir, 'coming') });
  await starts();
});
afterEach(() => expect(failures).toEqual([]));
afterAll(async () => {
  for (const one of running.reverse()) await one.close();
  for (const store of [records, history, log]) await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A file of an's, ready. */
const kept = async (): Promise<string> => {
  const id = randomUUID();
  const createdAt = new Date().toISOString();
  await records.begin(
    { id, ownerId: an, name: 'a', room: 1, createdAt },
    { personBytesMax: 0, instanceBytesMax: 0 },
  );
  const spooled = await spool.take(Readable.from([Buffer.from('x')]), { bytesMax: 10, idleMs: 1000 });
  if (typeof spooled !== 'object') throw new Error(spooled);
  await blobs.put(id, 'original', spooled.path);
  const file = { contentType: 'text/plain', size: 1, sha256: 'a'.repeat(64), width: null, height: null };
  await records.ready(id, {
    ...file,
    name: 'a',
    room: 1,
    durationMs: null,
    placeholder: null,
    hasVariants: false,
  });
  return id;
};
const isThere = async (id: string): Promise<boolean> => {
  const bytes = await blobs.get(id, 'original');
  bytes?.stream.destroy();
  const [record] = await records.find([id]);
  expect(record !== undefined).toBe(bytes !== null);
  return bytes !== null;
};

const append = async (event: ChatEvent, topic: 'chat.users' | 'chat.conversations'): Promise<number> => {
  const count = topicShapes(partitions).find(({ name }) => name === topic)?.partitions as number;
  const partition = partitionFor(event.subject, count);
  const [offset] = await log.append(topic, [{ partition, key: event.subject, value: encodeEvent(event) }]);
  return offset as number;
};

class Group {
  state: ConversationState | null = null;
  readonly id = randomUUID();

  async take(decision: Decision): Promise<{ event: ConversationEvent; place: number }> {
    if (isRefusal(decision)) throw new Error(decision.detail);
    const [event] = decision as [ConversationEvent];
    const place = (await append(event, 'chat.conversations')) + 1;
    this.state = evolve(this.state, apply(event, place));
    return { event, place };
  }

  static async made(): Promise<Group> {
    const group = new Group();
    await group.take(
      createConversation({ isGroup: true, name: 'x', memberIds: [], id: group.id }, context()),
    );
    return group;
  }

  async says(...mediaIds: string[]) {
    const attachments = mediaIds.map((mediaId) => ({
      mediaId,
      name: 'a',
      contentType: 'text/plain',
      size: 1,
    }));
    const command = { ref: randomUUID(), content: 'x', replyTo: null, attachments, mentions: [] };
    const { event, place } = await this.take(sendMessage(this.state, command, context()));
    if (event.type !== 'message.sent') throw new Error('not sent');
    return { ...event.data.message, position: place };
  }
}

/** When everything that is in the log has been counted. */
const swept = async (options: { graceMs?: number; inMs?: number; blobs?: Pick<Blobs, 'remove'> } = {}) => {
  for (const topic of mediaTopics) {
    const ends = await log.endOffsets(topic);
    await expect
      .poll(
        async () => {
          const applied = await records.uses.applied(topic);
          return ends.every((end, partition) => (applied[partition] ?? 0) >= end);
        },
        { timeout: 10_000, interval: 10 },
      )
      .toBe(true);
  }
  const { graceMs = -1000, inMs = 0 } = options;
  await new MediaSweeper({
    records,
    blobs: options.blobs ?? blobs,
    log,
    topics: mediaTopics,
    logger: silent,
    graceMs,
    now: () => Date.now() + inMs,
  }).sweep();
};

describe('the picture of a preview', () => {
  const pageWith = (mediaId: string) => ({
    ...{ siteName: '', title: 't', description: '' },
    image: { mediaId, width: 1, height: 1, placeholder: null },
  });
  const added = async (group: Group, message: MessageRow, mediaId: string, url = 'https://a.example/') => {
    const { event } = await group.take([
      addPreview(message, url, pageWith(mediaId), '2026-01-01T00:00:00.000Z'),
    ]);
    if (event.type !== 'preview.changed') throw new Error('no preview');
    return event.data.preview;
  };

  it('goes with the preview that is removed, and not before', async () => {
    const group = await Group.made();
    const id = await kept();
    const message = await group.says();
    const preview = await added(group, message, id);
    // Another one of the message says nothing of the first one's.
    const plain = { ...pageWith(id), image: null };
    const second = addPreview(message, 'https://b.example/', plain, '2026-01-01T00:00:00.000Z');
    await group.take([second]);
    await swept();
    expect(await isThere(id)).toBe(true);
    await group.take(removePreview(group.state, message, preview, context()));
    await swept();
    expect(await isThere(id)).toBe(false);
  });

  it('goes with the message, and stays where another message shows it', async () => {
    const group = await Group.made();
    const [id, shared] = [await kept(), await kept()];
    const [message, second, other] = [await group.says(), await group.says(), await group.says()];
    await added(group, message, id);
    await added(group, second, shared);
    await added(group, other, shared);
    await group.take(deleteMessage(group.state, message, context()));
    await group.take(deleteMessage(group.state, second, context()));
    await swept();
    expect(await Promise.all([id, shared].map(isThere))).toEqual([false, true]);
  });
});

describe('a file', () => {
  it('goes when the last message with it is deleted, and not before', async () => {
    const group = await Group.made();
    const [id, other] = [await kept(), await kept()];
    const [first, second] = [await group.says(id, other), await group.says(id)];
    await swept();
    expect([await isThere(id), await isThere(other)]).toEqual([true, true]);
    await group.take(deleteMessage(group.state, first, context()));
    await swept();
    expect([await isThere(id), await isThere(other)]).toEqual([true, false]);
    await group.take(deleteMessage(group.state, second, context()));
    await swept({ graceMs: 60_000 });
    expect(await isThere(id)).toBe(true);
    await swept();
    expect(await isThere(id)).toBe(false);
  });

  it('stays while a message shows it that was void nowhere, and a message that history found void keeps nothing', async () => {
    const group = await Group.made();
    const id = await kept();
    const stranger: Context = { ...context(), actorId: randomUUID() };
    const command = { ref: randomUUID(), content: '', replyTo: null, mentions: [] };
    const attachments = [{ mediaId: id, name: 'a', contentType: 'text/plain', size: 1 }];
    const decided = sendMessage(group.state, { ...command, attachments }, context());
    const [event] = decided as [ConversationEvent];
    // By somebody who is no member: void at its place.
    await append({ ...event, actor: stranger.actorId } as ChatEvent, 'chat.conversations');
    await swept({ inMs: 25 * 3600_000 });
    expect(await isThere(id)).toBe(false);
  });

  it('that nothing ever named goes after a day; so does an upload that never came', async () => {
    const id = await kept();
    const begun = randomUUID();
    const createdAt = new Date().toISOString();
    await records.begin(
      { id: begun, ownerId: an, name: 'b', room: 5, createdAt },
      { personBytesMax: 0, instanceBytesMax: 0 },
    );
    await records.named(begun, await blobs.begin(begun));
    await swept({ inMs: 23 * 3600_000 });
    expect(await records.find([id, begun])).toHaveLength(2);
    await swept({ inMs: 25 * 3600_000 });
    expect(await records.find([id, begun])).toEqual([]);
    expect(await blobs.parts(begun, begun)).toBeNull();
  });

  it('is a picture of a person until the next one', async () => {
    const [first, second] = [await kept(), await kept()];
    const shows = (rev: number, mediaId: string | null) => {
      const user = {
        id: an,
        username: 'an',
        profilePicUrl: mediaId && `/api/media/${mediaId}`,
        kind: 'person' as const,
        createdAt: '2026-01-01T00:00:00.000Z',
        rev,
      };
      const time = new Date().toISOString();
      return append(
        makeEvent({ type: 'user.changed', id: randomUUID(), subject: an, actor: an, time, data: { user } }),
        'chat.users',
      );
    };
    await shows(2, first);
    await shows(3, second);
    await swept();
    expect([await isThere(first), await isThere(second)]).toEqual([false, true]);
    await shows(4, null);
    await swept();
    expect(await isThere(second)).toBe(false);
  });

  it('is removed whole, however often the store fails on the way', async () => {
    const group = await Group.made();
    const id = await kept();
    const sent = await group.says(id);
    await group.take(deleteMessage(group.state, sent, context()));
    const failing = { remove: () => Promise.reject(new Error('the store is away')) };
    await swept({ blobs: failing });
    expect(await records.find([id])).toMatchObject([{ state: 'removing' }]);
    const dying = {
      remove: async (each: string) => {
        await blobs.remove(each);
        throw new Error('killed');
      },
    };
    await swept({ blobs: dying });
    expect(await records.find([id])).toMatchObject([{ state: 'removing' }]);
    await swept();
    expect(await isThere(id)).toBe(false);
  });

  it('is not judged while something in the log is not counted', async () => {
    const id = await kept();
    const behind = {
      endOffsets: async (topic: string) => (await log.endOffsets(topic)).map((end) => end + 1),
    };
    await new MediaSweeper({
      records,
      blobs,
      log: behind as EventLog,
      topics: mediaTopics,
      logger: silent,
      now: () => Date.now() + 100 * 3600_000,
    }).sweep();
    expect(await isThere(id)).toBe(true);
  });
});

// History over the embedded log and store, as a team's machine runs it: stopped and started in the middle of the stream.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { openSqliteHistory } from '../../ports/history/sqlite.ts';
import { createConversation } from '../../producers/conversation.ts';
import { sendMessage } from '../../producers/message.ts';
import { evolve } from '../../producers/state.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { topicShapes } from '../../schemas/topics.ts';
import { silent } from '../log.fake.ts';
import { apply } from './apply.ts';
import { startHistory } from './start.ts';

const topic = 'chat.conversations';
const dir = mkdtempSync(join(tmpdir(), 'chatvui-embedded-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('what is appended while it runs, while it is stopped and around both is there once, in order', async () => {
  const an = crypto.randomUUID();
  const context = { actorId: an, now: '2026-01-02T03:04:05.678Z', newId: () => crypto.randomUUID() };
  const command = { isGroup: true, name: 'Nhóm', memberIds: [] };
  const [created] = createConversation(command, context) as [ConversationEvent];
  const state = evolve(null, apply(created, 1));
  const failures: Error[] = [];
  const open = async () => {
    const [log, store] = [await openEmbeddedLog({ dir }), await openSqliteHistory({ dir })];
    await log.ensureTopics(topicShapes(1));
    const reached = new Map<number, () => void>();
    let next = 0;
    const running = await startHistory({
      log,
      writer: store.writer,
      skips: new Set(),
      logger: silent,
      onFailure: (error) => void failures.push(error),
      onCommit: (_, __, at) => {
        next = at;
        for (const [wanted, resolve] of reached) if (wanted <= at) resolve();
      },
    });
    const append = (...events: ConversationEvent[]) =>
      log.append(
        topic,
        events.map((event) => ({ partition: 0, key: event.subject, value: encodeEvent(event) })),
      );
    const until = (wanted: number) =>
      next >= wanted ? Promise.resolve() : new Promise<void>((resolve) => reached.set(wanted, resolve));
    return { log, store, running, append, until };
  };
  const sent = (n: number): ConversationEvent => {
    const message = {
      ref: crypto.randomUUID(),
      content: String(n),
      replyTo: null,
      attachments: [],
      mentions: [],
    };
    const [event] = sendMessage(state, message, context) as [ConversationEvent];
    return event;
  };
  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

  const first = await open();
  await first.append(created, ...numbers(0, 40).map(sent));
  await first.until(41);
  // Stopped with the log ahead of it.
  const ahead = first.append(...numbers(40, 1500).map(sent));
  await first.running.close();
  await ahead;
  await first.append(...numbers(1540, 10).map(sent));
  await first.log.close();
  await first.store.close();

  const second = await open();
  await second.append(...numbers(1550, 10).map(sent));
  await second.until(1561);
  const contents: number[] = [];
  for (let after = 0; contents.length < 1560; ) {
    const query = { conversationId: created.subject, visible: 'all' as const, after, limit: 400 };
    const page = await second.store.reader.page(query);
    if (page.length === 0) break;
    contents.push(...page.map(({ message }) => Number(message.content)));
    after = page.at(-1)?.message.position ?? 0;
  }
  expect(contents).toEqual(numbers(0, 1560));
  expect(second.running.status()).toContainEqual(expect.objectContaining({ topic, next: 1561, lag: 0 }));
  await second.running.close();
  await second.log.close();
  await second.store.close();
  expect(failures).toEqual([]);
});

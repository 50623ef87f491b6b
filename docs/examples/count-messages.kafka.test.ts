// What the documentation offers works: the example consumer is run as it stands there, against a real log.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaLog } from '../../ports/event-log/kafka.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import { encodeEvent, makeEvent } from '../../schemas/codec.ts';
import { topicShapes } from '../../schemas/topics.ts';

const brokers = process.env.KAFKA_BROKERS ?? '';
const script = fileURLToPath(new URL('./count-messages.ts', import.meta.url));
const time = '2026-01-01T00:00:00.000Z';

describe.skipIf(!brokers)('the example consumer', () => {
  let log: EventLog;
  beforeAll(async () => {
    log = await openKafkaLog({ brokers: brokers.split(','), clientId: 'example', log: () => {} });
    const shapes = topicShapes(12);
    const [made] = await log.describeTopics(['chat.conversations']).catch(() => []);
    await log.ensureTopics(made ? topicShapes(made.partitions) : shapes);
  });
  afterAll(() => log?.close());

  const sent = (conversationId: string) => {
    const message = {
      id: randomUUID(),
      conversationId,
      senderId: randomUUID(),
      position: 0,
      content: 'hello',
      attachments: [],
      replyTo: null,
      mentions: [],
      createdAt: time,
      editedAt: null,
      deletedAt: null,
      rev: 1,
    };
    const head = {
      type: 'message.sent',
      id: message.id,
      subject: conversationId,
      actor: message.senderId,
    } as const;
    const value = encodeEvent(makeEvent({ ...head, time, data: { message } }));
    return { partition: 0, key: conversationId, value };
  };

  it('counts every message of the log once, though the log holds one twice', {
    timeout: 60_000,
  }, async () => {
    const conversationId = randomUUID();
    const [first, second] = [sent(conversationId), sent(conversationId)];
    await log.append('chat.conversations', [first, first, second]);
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      env: { ...process.env, KAFKA_BROKERS: brokers, GROUP_ID: `example-${randomUUID()}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const counted: number[] = [];
    let rest = '';
    for await (const chunk of child.stdout) {
      rest += chunk;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const told = JSON.parse(line) as { conversationId: string; messages: number };
        if (told.conversationId === conversationId) counted.push(told.messages);
      }
      if (counted.length >= 2) break;
    }
    child.kill('SIGKILL');
    expect(counted).toEqual([1, 2]);
  });
});

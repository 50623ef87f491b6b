import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collector, make, text, until } from './contract-tools.ts';
import { openEmbeddedLog } from './embedded.ts';
import { namedLog } from './named.ts';
import type { EventLog } from './port.ts';

const spec = { name: 'chat.words', partitions: 2, retentionMs: -1, flushEveryMessage: true };
const dir = mkdtempSync(join(tmpdir(), 'event-log-named-'));
let both: EventLog;
let sales: EventLog;
let support: EventLog;
beforeAll(async () => {
  both = await openEmbeddedLog({ dir });
  [sales, support] = [namedLog(both, 'sales'), namedLog(both, 'support')];
  await sales.ensureTopics([spec]);
  await support.ensureTopics([{ ...spec, partitions: 3 }]);
});
afterAll(async () => {
  await sales.close();
  rmSync(dir, { recursive: true });
});

test('topics of one installation are no other’s, and their names are seen only from outside', async () => {
  const [made] = await sales.describeTopics(['chat.words']);
  expect(made).toMatchObject({ name: 'chat.words', partitions: 2 });
  expect((await both.describeTopics(['support.chat.words']))[0]?.partitions).toBe(3);
  await sales.append('chat.words', [make(0, 'ours'), make(1, 'too')]);
  expect(await sales.endOffsets('chat.words')).toEqual([1, 1]);
  expect(await support.endOffsets('chat.words')).toEqual([0, 0, 0]);
});

test('what is read comes under the name that was asked for, by a tail and by a group, and of one’s own installation only', async () => {
  const [ours, theirs, shared] = [collector(), collector(), collector()];
  const topics = [{ name: 'chat.words', from: 'beginning' as const }];
  const tail = await sales.tail({ topics, ...ours.handlers });
  const other = await support.tail({ topics, ...theirs.handlers });
  const consumers = await Promise.all(
    [sales, support].map((log) =>
      log.consume({
        group: 'history',
        topic: 'chat.words',
        position: async () => 0,
        onBatch: async (batch) => shared.handlers.onBatch(batch),
        onFailure: shared.handlers.onFailure,
      }),
    ),
  );
  const [offset] = await sales.append('chat.words', [make(0, 'read')]);
  await support.append('chat.words', [make(2, 'elsewhere')]);
  const isRead = ({ records }: typeof ours) => records.some((record) => text(record) === 'read');
  await until(() => isRead(ours) && isRead(shared) && theirs.records.length === 1);
  await until(() => shared.records.some((record) => text(record) === 'elsewhere'));
  for (const { topic } of [...ours.records, ...shared.records]) expect(topic).toBe('chat.words');
  expect(theirs.records.map(text)).toEqual(['elsewhere']);
  expect(tail.positions('chat.words')[0]).toBe((offset as number) + 1);
  expect([...ours.failures, ...shared.failures]).toEqual([]);
  for (const reader of [tail, other, ...consumers]) await reader.close();
});

// The rules of consumers: the projection's position is the truth, a throw means "again", others go on.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { OutsideError } from '../errors.ts';
import { make, numbered, text, until } from './contract-tools.ts';
import type { EventLog, LogBatch } from './port.ts';

type Under = { log: EventLog; newTopic(partitions?: number): Promise<string> };

/** A projection as small as it can be: rows and position, changed together. */
const projection = () => {
  const rows: string[] = [];
  const positions = new Map<number, number>();
  const failures: Error[] = [];
  return {
    rows,
    positions,
    failures,
    options: {
      position: async (partition: number) => positions.get(partition) ?? 0,
      onBatch: async (batch: LogBatch) => {
        for (const record of batch.records) rows.push(`${batch.partition}:${text(record)}`);
        positions.set(batch.partition, batch.records.at(-1)!.offset + 1);
      },
      onFailure: (error: Error): void => {
        failures.push(error);
      },
    },
  };
};

export const consumerRules = (under: () => Under): void => {
  test('a consumer begins at the position that its projection tells, and asks again after a restart', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(2);
    const group = `g-${randomUUID()}`;
    await log.append(
      topic,
      numbered(20).map((i) => make(i % 2, i)),
    );
    const view = projection();
    view.positions.set(0, 4);
    const first = await log.consume({ group, topic, ...view.options });
    await until(() => view.rows.length === 16);
    expect(view.rows.filter((row) => row.startsWith('0:'))).toEqual(
      [8, 10, 12, 14, 16, 18].map((i) => `0:${i}`),
    );
    await until(async () => (await first.lag()).every(({ position, end }) => position === end && end === 10));
    await first.close();
    view.positions.set(1, 9);
    view.rows.length = 0;
    await log.append(topic, [make(0, 100), make(1, 101)]);
    const second = await log.consume({ group, topic, ...view.options });
    await until(() => view.rows.length === 3);
    expect([...view.rows].sort()).toEqual(['0:100', '1:101', '1:19']);
    await second.close();
  });

  test('a batch whose handler throws comes again from the same offset, while other partitions go on', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(2);
    const view = projection();
    const tried: number[] = [];
    let ill = true;
    const consumer = await log.consume({
      group: `g-${randomUUID()}`,
      topic,
      ...view.options,
      onBatch: async (batch) => {
        if (batch.partition === 0) tried.push(batch.records[0]!.offset);
        if (batch.partition === 0 && ill) throw new Error('the database is away');
        await view.options.onBatch(batch);
      },
    });
    await log.append(
      topic,
      numbered(10).map((i) => make(0, i)),
    );
    for (const i of numbered(20)) await log.append(topic, [make(1, i)]);
    await until(() => view.rows.length === 20 && tried.length >= 2);
    expect(view.rows).toEqual(numbered(20).map((i) => `1:${i}`));
    ill = false;
    await until(() => view.rows.length === 30);
    expect(view.rows.slice(20)).toEqual(numbered(10).map((i) => `0:${i}`));
    expect(new Set(tried.slice(0, -1))).toEqual(new Set([0]));
    expect(view.failures).toEqual([]);
    await consumer.close();
  });

  test('a batch is no larger than asked for', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(1);
    await log.append(
      topic,
      numbered(100).map((i) => make(0, i)),
    );
    const view = projection();
    const sizes: number[] = [];
    const consumer = await log.consume({
      group: `g-${randomUUID()}`,
      topic,
      maxBatchRecords: 7,
      ...view.options,
      onBatch: async (batch) => {
        sizes.push(batch.records.length);
        await view.options.onBatch(batch);
      },
    });
    await until(() => view.rows.length === 100);
    expect(Math.max(...sizes)).toBe(7);
    expect(view.rows).toEqual(numbered(100).map((i) => `0:${i}`));
    await consumer.close();
  });

  test('a position beyond the end of the log is a failure, never a silent reset', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(1);
    await log.append(topic, [make(0, 1)]);
    const view = projection();
    view.positions.set(0, 50);
    const consumer = await log.consume({ group: `g-${randomUUID()}`, topic, ...view.options });
    await until(() => view.failures.length > 0);
    expect(view.failures).toHaveLength(1);
    expect(view.failures[0]).toMatchObject({ code: 'log_truncated', retry: 'never' });
    expect(view.rows).toEqual([]);
    await consumer.close();
  });

  test('a projection that cannot tell its position yet is asked again', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(1);
    await log.append(topic, [make(0, 1)]);
    const view = projection();
    let asked = 0;
    const consumer = await log.consume({
      group: `g-${randomUUID()}`,
      topic,
      ...view.options,
      position: async () => {
        asked++;
        if (asked < 3) throw new OutsideError('history_unavailable', 'later', 'on its way up');
        return 0;
      },
    });
    await until(() => view.rows.length === 1);
    expect(asked).toBe(3);
    await consumer.close();
  });

  // Its store is closed next: what is still asked of it then would fail for good.
  test('a consumer that is closed while its projection looks for its position waits for the answer, and asks no more', async () => {
    const { log, newTopic } = under();
    const topic = await newTopic(2);
    const view = projection();
    const answers: (() => void)[] = [];
    let isClosed = false;
    const consumer = await log.consume({
      group: `g-${randomUUID()}`,
      topic,
      ...view.options,
      position: () =>
        new Promise((resolve) => {
          answers.push(() => resolve(0));
        }),
    });
    await until(() => answers.length === 2);
    const closing = consumer.close().then(() => {
      isClosed = true;
    });
    answers[0]!();
    await log.append(topic, [make(0, 1)]);
    expect(isClosed).toBe(false);
    answers[1]!();
    await closing;
    expect([answers.length, view.rows, view.failures]).toEqual([2, [], []]);
  });
};

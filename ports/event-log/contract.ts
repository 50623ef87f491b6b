// The one suite that every event log passes. Each test is named by the rule that it proves. No sleeps: tests wait for
// positions, and the limit is vitest's.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consumerRules } from './contract-consumer.ts';
import { collector, make, numbered, type TestLog, text, until } from './contract-tools.ts';
import type { EventLog } from './port.ts';

export const eventLogContract = (name: string, makeLog: () => Promise<TestLog>): void => {
  describe(`event log: ${name}`, { timeout: 60_000 }, () => {
    let under: TestLog;
    let log: EventLog;
    const newTopic = async (partitions = 3): Promise<string> => {
      const topic = `${under.prefix}${randomUUID().slice(0, 8)}`;
      await log.ensureTopics([{ name: topic, partitions, retentionMs: -1, flushEveryMessage: true }]);
      return topic;
    };
    beforeAll(async () => {
      under = await makeLog();
      log = under.log;
    }, 60_000);
    afterAll(() => under?.cleanup(), 60_000);

    test('concurrent appends to a partition are in the log in the order of the calls', async () => {
      const topic = await newTopic();
      const offsets = await Promise.all(numbered(300).map((i) => log.append(topic, [make(i % 3, i)])));
      const seen = collector();
      const tail = await log.tail({ topics: [{ name: topic, from: 'beginning' }], ...seen.handlers });
      await seen.count(300);
      for (const p of [0, 1, 2]) {
        const values = seen.of(p).map(text);
        expect(values).toEqual(
          numbered(300)
            .filter((i) => i % 3 === p)
            .map(String),
        );
      }
      const told = new Map(offsets.map(([offset], i) => [`${i % 3}/${offset}`, String(i)]));
      for (const record of seen.records) {
        expect(told.get(`${record.partition}/${record.offset}`)).toBe(text(record));
      }
      await tail.close();
    });

    test('a call with thousands of records answers with the offset of each, in the order given', async () => {
      const topic = await newTopic();
      const records = numbered(7000).map((i) => make(i % 3, i));
      const before = await log.endOffsets(topic);
      const offsets = await log.append(topic, records);
      expect(offsets).toHaveLength(7000);
      const next = [...before];
      offsets.forEach((offset, i) => {
        expect(offset).toBe(next[i % 3]);
        next[i % 3] = offset + 1;
      });
      expect(await log.endOffsets(topic)).toEqual(next);
    });

    test('bytes, keys and the time of the log come back as they were given', async () => {
      const topic = await newTopic(1);
      const started = Date.now();
      const value = new Uint8Array(70_000).map((_, i) => i % 256);
      await log.append(topic, [
        { partition: 0, key: 'khóa', value },
        { partition: 0, key: '', value: new Uint8Array(0) },
      ]);
      const seen = collector();
      const tail = await log.tail({ topics: [{ name: topic, from: 'beginning' }], ...seen.handlers });
      await seen.count(2);
      const [large, empty] = seen.records;
      expect(large!.key).toBe('khóa');
      expect(Buffer.compare(large!.value, value)).toBe(0);
      expect(empty!.value).toHaveLength(0);
      expect(Math.abs(large!.timeMs - started)).toBeLessThan(30_000);
      await tail.close();
    });

    test('a tail from the end sees everything that is appended once it is ready, and nothing older', async () => {
      const topic = await newTopic();
      await log.append(
        topic,
        numbered(30).map((i) => make(i % 3, i)),
      );
      const seen = collector();
      const tail = await log.tail({ topics: [{ name: topic, from: 'end' }], ...seen.handlers });
      await Promise.all(numbered(100).map((i) => log.append(topic, [make(i % 3, 1000 + i)])));
      await seen.count(100);
      const values = seen.records.map((record) => Number(text(record)));
      expect(values.sort((a, b) => a - b)).toEqual(numbered(100).map((i) => 1000 + i));
      expect(tail.positions(topic)).toEqual(await log.endOffsets(topic));
      expect(performance.now() - tail.lastHeardMs()).toBeLessThan(5000);
      await tail.close();
    });

    test('a tail from an offset replays and goes on live, without a gap and without a duplicate', async () => {
      const topic = await newTopic(1);
      const first = await log.append(
        topic,
        numbered(2000).map((i) => make(0, i)),
      );
      const writing = (async () => {
        for (const i of numbered(300)) await log.append(topic, [make(0, 2000 + i)]);
      })();
      const seen = collector();
      const tail = await log.tail({ topics: [{ name: topic, from: { 0: first[500]! } }], ...seen.handlers });
      await writing;
      await seen.count(1800);
      expect(seen.records.map((record) => Number(text(record)))).toEqual(numbered(1800).map((i) => 500 + i));
      await tail.close();
    });

    test('a slow reader loses nothing and holds up nobody', async () => {
      const topic = await newTopic(2);
      const quick = collector();
      const slow = collector(() => new Promise((resolve) => setImmediate(resolve)));
      const tails = [
        await log.tail({ topics: [{ name: topic, from: 'end' }], ...quick.handlers }),
        await log.tail({ topics: [{ name: topic, from: 'end' }], ...slow.handlers }),
      ];
      const big = 'x'.repeat(5000);
      for (const i of numbered(20)) {
        await log.append(
          topic,
          numbered(100).map((j) => make(j % 2, `${i * 100 + j} ${big}`)),
        );
      }
      await Promise.all([quick.count(2000), slow.count(2000)]);
      for (const seen of [quick, slow]) {
        for (const p of [0, 1]) {
          const values = seen.of(p).map((record) => Number.parseInt(text(record), 10));
          expect(values).toEqual(numbered(2000).filter((i) => i % 2 === p));
        }
      }
      await Promise.all(tails.map((tail) => tail.close()));
    });

    test('a start outside the log is refused, never moved', async () => {
      const topic = await newTopic(1);
      await log.append(topic, [make(0, 1)]);
      const seen = collector();
      const tail = log.tail({ topics: [{ name: topic, from: { 0: 99 } }], ...seen.handlers });
      await expect(tail).rejects.toMatchObject({ code: 'log_truncated', retry: 'never' });
      expect(seen.records).toEqual([]);
    });

    test('a handler of a tail that throws ends that tail with its error, and no other', async () => {
      const topic = await newTopic(1);
      const well = collector();
      const ill = collector(() => {
        throw new Error('a fault of the caller');
      });
      const other = await log.tail({ topics: [{ name: topic, from: 'end' }], ...well.handlers });
      const tail = await log.tail({ topics: [{ name: topic, from: 'end' }], ...ill.handlers });
      await log.append(topic, [make(0, 1)]);
      await until(() => ill.failures.length === 1);
      await log.append(topic, [make(0, 2)]);
      await well.count(2);
      expect(ill.failures.map((error) => error.message)).toEqual(['a fault of the caller']);
      expect(ill.records).toHaveLength(1);
      await Promise.all([tail.close(), other.close()]);
    });

    test('topics are made once, by whoever is first; another partition count is refused with the way out', async () => {
      const name = `${under.prefix}${randomUUID().slice(0, 8)}`;
      const spec = { name, partitions: 3, retentionMs: -1, flushEveryMessage: true };
      await Promise.all([log.ensureTopics([spec]), log.ensureTopics([spec])]);
      await log.append(name, [make(2, 1)]);
      await log.ensureTopics([spec]);
      const [described] = await log.describeTopics([name]);
      expect(described).toMatchObject({
        name,
        partitions: 3,
        startOffsets: [0, 0, 0],
        endOffsets: [0, 0, 1],
      });
      const other = log.ensureTopics([{ ...spec, partitions: 4 }]);
      await expect(other).rejects.toMatchObject({ code: 'topic_mismatch', retry: 'never' });
      await expect(other).rejects.toThrow(/3.*4.*fixed at birth/s);
      const kept = log.ensureTopics([{ ...spec, retentionMs: 1000 }]);
      await expect(kept).rejects.toMatchObject({ code: 'topic_mismatch' });
    });

    test('a queue that is full answers busy at once, and what it had taken is written', async () => {
      const small = await makeLog();
      const topic = `${small.prefix}busy`;
      await small.log.ensureTopics([
        { name: topic, partitions: 1, retentionMs: -1, flushEveryMessage: true },
      ]);
      const big = 'x'.repeat(100_000);
      const calls = numbered(400).map((i) => small.log.append(topic, [make(0, `${i} ${big}`)]));
      const results = await Promise.allSettled(calls);
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(refused.length).toBeGreaterThan(0);
      for (const error of refused) expect(error).toMatchObject({ code: 'log_busy', retry: 'later' });
      expect(await small.log.endOffsets(topic)).toEqual([400 - refused.length]);
      await small.cleanup();
    }, 60_000);

    test('a record larger than the log takes is refused for good', async () => {
      const topic = await newTopic(1);
      const record = { partition: 0, key: 'k', value: new Uint8Array(2_000_000) };
      await expect(log.append(topic, [record])).rejects.toMatchObject({
        code: 'log_record_too_large',
        retry: 'never',
      });
      expect(await log.append(topic, [make(0, 1)])).toEqual([0]);
    });

    consumerRules(() => ({ log, newTopic }));

    // Last, because it closes the log that the others use.
    test('the epoch and the records outlive a restart; another log has another epoch', async () => {
      const topic = await newTopic(1);
      await log.append(
        topic,
        numbered(10).map((i) => make(0, i)),
      );
      const epoch = await log.epoch();
      log = await under.reopen();
      expect(await log.epoch()).toBe(epoch);
      expect(await log.endOffsets(topic)).toEqual([10]);
      expect(await log.append(topic, [make(0, 10)])).toEqual([10]);
      const other = await makeLog();
      expect(await other.log.epoch()).not.toBe(epoch);
      await other.cleanup();
    }, 60_000);
  });
};

// The floor of the log: bare append and tail through the same log client, in a process of their own, nothing else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../ports/event-log/port.ts';
import { pace, sleep } from './delivery.ts';
import { type Row, timesOf } from './lib/stats.ts';

const partitions = 12;
const inFlight = 200;
const rate = 200;
const recordBytes = 420;
const topic = { name: 'chat.conversations', partitions, retentionMs: -1, flushEveryMessage: true };

export const appendEmbedded = async (seconds: number): Promise<Row[]> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-floor-'));
  const { openEmbeddedLog } = await import('../ports/event-log/embedded.ts');
  const log = await openEmbeddedLog({ dir });
  try {
    return await measure('embedded', log, seconds);
  } finally {
    await log.close();
    rmSync(dir, { recursive: true, force: true });
  }
};

export const appendReal = async (brokers: string[], seconds: number): Promise<Row[]> => {
  const { openKafkaLog } = await import('../ports/event-log/kafka.ts');
  const log = await openKafkaLog({ brokers, clientId: 'floor' });
  try {
    return await measure('real', log, seconds);
  } finally {
    await log.close();
  }
};

const measure = async (name: string, log: EventLog, seconds: number): Promise<Row[]> => {
  await log.ensureTopics([topic]);
  const sent = new Map<number, number>();
  let seen = 0;
  let times: number[] = [];
  let onSeen: () => void = () => undefined;
  const tail = await log.tail({
    topics: [{ name: topic.name, from: 'end' }],
    onBatch: ({ records }) => {
      for (const { value } of records) {
        const n = Buffer.from(value.buffer, value.byteOffset, value.byteLength).readUInt32BE();
        times.push(performance.now() - (sent.get(n) ?? Number.NaN));
        sent.delete(n);
        seen += 1;
        onSeen();
      }
    },
    onFailure: (error) => {
      throw error;
    },
  });
  let next = 0;
  const append = () => {
    const value = Buffer.alloc(recordBytes, 'x');
    next += 1;
    value.writeUInt32BE(next);
    sent.set(next, performance.now());
    void log.append(topic.name, [{ partition: next % partitions, key: 'floor', value }]);
  };
  const stop = pace(rate, append);
  await sleep(2000);
  times = [];
  seen = 0;
  await sleep(seconds * 1000);
  const pacedRow: Row = {
    what: `${name}: bare append and tail, ${rate} a second`,
    perSecond: seen / seconds,
    times: timesOf(times),
  };
  stop();
  await sleep(500);
  let running = true;
  onSeen = () => {
    if (running) append();
  };
  for (let i = 0; i < inFlight; i++) append();
  await sleep(2000);
  times = [];
  seen = 0;
  await sleep(seconds * 1000);
  const fullRow: Row = {
    what: `${name}: bare append and tail, ${inFlight} in flight`,
    perSecond: seen / seconds,
    times: timesOf(times),
  };
  running = false;
  await sleep(1000);
  await tail.close();
  return [pacedRow, fullRow];
};

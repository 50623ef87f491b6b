import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventLogContract } from './contract.ts';
import { collector, make, numbered, text, until } from './contract-tools.ts';
import { openEmbeddedLog } from './embedded.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'event-log-'));
const shape = { partitions: 2, retentionMs: -1, flushEveryMessage: true };

eventLogContract('embedded', async () => {
  const dir = newFolder();
  const open = () => openEmbeddedLog({ dir, maxQueuedBytes: 8_000_000 });
  let log = await open();
  return {
    log,
    prefix: 't.',
    reopen: async () => {
      await log.close();
      log = await open();
      return log;
    },
    cleanup: async () => {
      await log.close();
      rmSync(dir, { recursive: true });
    },
  };
});

test('a folder in use is refused, naming it and the way out, and is free as soon as its owner is gone', async () => {
  const dir = newFolder();
  const log = await openEmbeddedLog({ dir });
  const second = openEmbeddedLog({ dir });
  await expect(second).rejects.toMatchObject({ code: 'data_dir_in_use', retry: 'never' });
  await expect(second).rejects.toThrow(dir);
  await log.close();
  await (await openEmbeddedLog({ dir })).close();
  rmSync(dir, { recursive: true });
}, 60_000);

test('kill -9 after acknowledgements loses none of them, and leaves no stale lock', async () => {
  const dir = newFolder();
  const code = `
    import { openEmbeddedLog } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const log = await openEmbeddedLog({ dir: ${JSON.stringify(dir)} });
    await log.ensureTopics([{ name: 't', partitions: 2, retentionMs: -1, flushEveryMessage: true }]);
    let next = 0;
    const one = async () => {
      for (;;) {
        const i = next++;
        const value = new TextEncoder().encode(String(i));
        const [offset] = await log.append('t', [{ partition: i % 2, key: 'k', value }]);
        process.stdout.write(i % 2 + ' ' + offset + ' ' + i + '\\n');
      }
    };
    for (let i = 0; i < 20; i++) void one();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (data) => {
    told += data;
  });
  await until(() => told.length > 20_000);
  const gone = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const acked = told.split('\n').slice(0, -1);
  const log = await openEmbeddedLog({ dir });
  const seen = collector();
  const total = (await log.endOffsets('t')).reduce((sum, end) => sum + end, 0);
  expect(total).toBeGreaterThanOrEqual(acked.length);
  await log.tail({ topics: [{ name: 't', from: 'beginning' }], ...seen.handlers });
  await seen.count(total);
  const there = new Set(seen.records.map((record) => `${record.partition} ${record.offset} ${text(record)}`));
  expect(acked.filter((line) => !there.has(line))).toEqual([]);
  await log.close();
  rmSync(dir, { recursive: true });
}, 60_000);

test('what is past its retention goes; offsets are never used again; a reader from before is told', async () => {
  const dir = newFolder();
  const log = await openEmbeddedLog({ dir, pruneEveryMs: 5 });
  await log.ensureTopics([{ ...shape, name: 'short', retentionMs: 1 }]);
  await log.append(
    'short',
    numbered(1200).map((i) => make(0, i)),
  );
  await until(async () => (await log.describeTopics(['short']))[0]!.startOffsets[0] === 1200);
  await log.close();
  const again = await openEmbeddedLog({ dir, pruneEveryMs: 60_000 });
  expect(await again.endOffsets('short')).toEqual([1200, 0]);
  expect(await again.append('short', [make(0, 1)])).toEqual([1200]);
  const old = again.tail({ topics: [{ name: 'short', from: { 0: 3, 1: 0 } }], ...collector().handlers });
  await expect(old).rejects.toMatchObject({ code: 'log_truncated' });
  await again.close();
  rmSync(dir, { recursive: true });
}, 60_000);

test('an append to a partition that does not exist is refused, and the next one is well', async () => {
  const dir = newFolder();
  const log = await openEmbeddedLog({ dir });
  await log.ensureTopics([{ ...shape, name: 't' }]);
  await expect(log.append('t', [make(0, 1), make(7, 2)])).rejects.toMatchObject({
    code: 'log_unknown_partition',
  });
  expect(await log.endOffsets('t')).toEqual([0, 0]);
  expect(await log.append('t', [make(0, 3)])).toEqual([0]);
  await log.close();
  rmSync(dir, { recursive: true });
}, 60_000);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { recordsContract } from './contract-records.ts';
import type { MediaRecords } from './port.ts';
import { openSqliteMedia } from './sqlite.ts';

describe('files known in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-media-'));
  let opened: { one: MediaRecords; two: MediaRecords };
  beforeAll(async () => {
    opened = { one: await openSqliteMedia({ dir }), two: await openSqliteMedia({ dir }) };
  });
  afterAll(async () => {
    await opened.one.close();
    await opened.two.close();
    rmSync(dir, { recursive: true, force: true });
  });
  recordsContract(() => opened);
});

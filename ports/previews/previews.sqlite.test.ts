import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { previewContract } from './contract.ts';
import type { PreviewStore } from './port.ts';
import { openSqlitePreviews } from './sqlite.ts';

describe('the reading of links in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-previews-'));
  let opened: { one: PreviewStore; two: PreviewStore };
  beforeAll(async () => {
    opened = { one: await openSqlitePreviews({ dir }), two: await openSqlitePreviews({ dir }) };
  });
  afterAll(async () => {
    await opened.one.close();
    await opened.two.close();
    rmSync(dir, { recursive: true, force: true });
  });
  previewContract(() => opened);
});

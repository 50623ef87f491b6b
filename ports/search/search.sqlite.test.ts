import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { searchContract } from './contract.ts';
import { openSqliteSearch } from './sqlite.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-search-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('Search by FTS5', () => {
  searchContract(() => openSqliteSearch({ dir }));
});

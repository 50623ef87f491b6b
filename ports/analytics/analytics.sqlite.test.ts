import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { analyticsContract } from './contract.ts';
import { openSqliteAnalytics } from './sqlite.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-analytics-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('analytics in SQLite', () => {
  analyticsContract(() => openSqliteAnalytics({ dir }));
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { analyticsContract } from './contract.ts';
import { copyContract } from './contract-copy.ts';
import { openSqliteAnalytics } from './sqlite.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-analytics-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('analytics in SQLite', () => {
  analyticsContract(() => openSqliteAnalytics({ dir }));
  copyContract(async () => {
    const own = mkdtempSync(join(dir, 'own-'));
    const store = await openSqliteAnalytics({ dir: own });
    return {
      store,
      run: async (statement) => {
        const db = openSqlite(join(own, 'analytics.db'), { synchronous: 'NORMAL' });
        db.exec(statement);
        db.close();
      },
      close: () => store.close(),
    };
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { notificationContract } from './contract.ts';
import { openSqliteNotifications } from './sqlite.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-notifications-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('notifications in SQLite', () => {
  const open = () => openSqliteNotifications({ dir });
  notificationContract(open, open);
});

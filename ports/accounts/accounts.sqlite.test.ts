import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsContract } from './contract.ts';
import { adminContract } from './contract-admins.ts';
import { botsContract } from './contract-bots.ts';
import type { AccountStore } from './port.ts';
import { openSqliteAccounts } from './sqlite.ts';

describe('accounts in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-accounts-'));
  let accounts: AccountStore;
  beforeAll(async () => {
    accounts = await openSqliteAccounts({ dir });
  });
  afterAll(async () => {
    await accounts.close();
    rmSync(dir, { recursive: true, force: true });
  });

  accountsContract(() => accounts);
  botsContract(() => accounts);
  adminContract(async () => {
    const own = mkdtempSync(join(dir, 'admins-'));
    const [one, two] = [await openSqliteAccounts({ dir: own }), await openSqliteAccounts({ dir: own })];
    return {
      one,
      two,
      close: async () => {
        await one.close();
        await two.close();
      },
    };
  });

  it('gives two processes that start at once one secret', async () => {
    const other = await openSqliteAccounts({ dir });
    const [a, b] = await Promise.all([accounts.secret('raced', () => 'a'), other.secret('raced', () => 'b')]);
    expect(a).toBe(b);
    await other.close();
  });
});

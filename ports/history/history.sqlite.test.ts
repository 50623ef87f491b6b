import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { historyContract } from './contract.ts';
import { copyContract } from './contract-copy.ts';
import { worldIn } from './contract-world.ts';
import type { HistoryStore } from './port.ts';
import { openSqliteHistory } from './sqlite.ts';

describe('history in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-history-'));
  let store: HistoryStore;
  beforeAll(async () => {
    store = await openSqliteHistory({ dir });
  });
  afterAll(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  historyContract(() => store);
  copyContract(async () => {
    const own = mkdtempSync(join(tmpdir(), 'chatvui-copy-'));
    const fresh = await openSqliteHistory({ dir: own });
    return {
      store: fresh,
      run: async (statement) => {
        const db = openSqlite(join(own, 'history.db'), { synchronous: 'NORMAL' });
        db.exec(statement);
        db.close();
      },
      close: async () => {
        await fresh.close();
        rmSync(own, { recursive: true });
      },
    };
  });

  it('keeps everything when it is closed and opened again', async () => {
    const world = await worldIn(store);
    await world.open();
    const again = await openSqliteHistory({ dir });
    expect((await again.reader.conversation(world.conversationId)).stored).not.toBeNull();
    await again.close();
  });

  it('may be opened by several at once, also for the first time', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'chatvui-history-'));
    const stores = await Promise.all(Array.from({ length: 3 }, () => openSqliteHistory({ dir: fresh })));
    await Promise.all(stores.map((one) => one.ping()));
    await Promise.all(stores.map((one) => one.close()));
    rmSync(fresh, { recursive: true, force: true });
  });

  it('answers a read while a long commit runs', async () => {
    const world = await worldIn(store);
    await world.open();
    let committed = false;
    const writing = world.send(5_000).then(() => {
      committed = true;
    });
    await store.reader.applied('chat.conversations');
    expect(committed).toBe(false);
    await writing;
  });

  it('refuses what is asked after it was closed', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'chatvui-history-'));
    const closed = await openSqliteHistory({ dir: fresh });
    await closed.close();
    await expect(closed.ping()).rejects.toMatchObject({ code: 'sql_closed', retry: 'never' });
    rmSync(fresh, { recursive: true, force: true });
  });
});

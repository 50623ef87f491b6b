import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { operationsContract } from './contract.ts';
import type { Operations } from './port.ts';
import { openSqliteOperations } from './sqlite.ts';

describe('operations in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-operations-'));
  let opened: { one: Operations; two: Operations };
  beforeAll(async () => {
    opened = { one: await openSqliteOperations({ dir }), two: await openSqliteOperations({ dir }) };
  });
  afterAll(async () => {
    await opened.one.close();
    await opened.two.close();
    rmSync(dir, { recursive: true, force: true });
  });
  operationsContract(() => opened);
});

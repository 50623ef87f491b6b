import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { webhooksContract } from './contract.ts';
import type { WebhookStore } from './port.ts';
import { openSqliteWebhooks } from './sqlite.ts';

describe('webhooks in SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-webhooks-'));
  let opened: { one: WebhookStore; two: WebhookStore };
  beforeAll(async () => {
    opened = { one: await openSqliteWebhooks({ dir }), two: await openSqliteWebhooks({ dir }) };
  });
  afterAll(async () => {
    await opened.one.close();
    await opened.two.close();
    rmSync(dir, { recursive: true, force: true });
  });
  webhooksContract(() => opened);
});

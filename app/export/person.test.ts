// What a person's export holds beside the log.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { factsOf } from '../../gateway/auth/facts.ts';
import { openSqliteAccounts } from '../../ports/accounts/sqlite.ts';
import { readableFactsOf } from './person.ts';

it('holds everything that a person keeps for themselves, of however many, and nothing that they removed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-person-'));
  const accounts = await openSqliteAccounts({ dir });
  try {
    const now = '2026-01-01T00:00:00.000Z';
    const user = { id: randomUUID(), username: 'ann', profilePicUrl: null, kind: 'person' as const };
    const account = {
      user: { ...user, createdAt: now, rev: 1 },
      passwordHash: 'secret',
      email: null,
      preferences: {},
    };
    const put = (key: string, content: string | null) =>
      accounts.putPersonal(user.id, {
        kind: 'draft',
        key,
        value: content === null ? null : { content, replyTo: null },
        now,
      });
    const keys = Array.from({ length: 103 }, () => randomUUID());
    for (const [i, key] of keys.entries()) await put(key, `draft ${i}`);
    await put(keys[0] as string, null);
    await accounts.putPersonal(randomUUID(), {
      kind: 'draft',
      key: randomUUID(),
      value: { content: 'of somebody else', replyTo: null },
      now,
    });

    const facts = await factsOf(accounts, account, now);
    const kept = facts.flatMap((fact) => ('personal' in fact ? [fact.personal] : []));
    expect(kept.map(({ key }) => key)).toEqual(keys.slice(1));
    expect(JSON.stringify(facts)).not.toMatch(/secret|somebody else/);
    const readable = await readableFactsOf(accounts, account, now);
    expect(readable.filter(([name]) => name.startsWith('Draft in'))).toHaveLength(102);
  } finally {
    await accounts.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

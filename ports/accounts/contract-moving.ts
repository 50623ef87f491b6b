// What every accounts adapter must do when an installation moves: nothing of it is lost on the way to another store.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { movedWhole } from '../contract-moving.ts';
import type { AccountStore } from './port.ts';
import { openSqliteAccounts } from './sqlite.ts';

const at = '2026-06-01T12:00:00.007Z';
const later = '2026-07-01T12:00:00.000Z';

export const movingContract = (open: () => AccountStore): void => {
  describe('an installation that moves', () => {
    it('takes every row along, and people can go on with their passwords and sessions', async () => {
      const user = {
        id: randomUUID(),
        username: `bình-${randomUUID()}`,
        profilePicUrl: null,
        kind: 'person' as const,
        createdAt: at,
        rev: 3,
      };
      const account = {
        user,
        passwordHash: '$argon2id$x',
        email: 'b@example.org',
        preferences: { a: ['tối', null] },
      };
      await open().create(account, () => '{}');
      const session = {
        id: randomUUID(),
        userId: user.id,
        device: 'máy',
        createdAt: at,
        lastUsedAt: at,
        expiresAt: later,
      };
      const hash = randomUUID();
      await open().createSession(session, hash);
      await open().setMark(`mark-${hash}`, '5');
      for (const content of ['một', 'hai', 'ba', 'bốn'])
        await open().putPersonal(user.id, {
          kind: 'draft',
          key: randomUUID(),
          value: { content, replyTo: null },
          now: at,
        });
      const secret = await open().secret(`secret-${hash}`, () => 'kept');

      const dir = mkdtempSync(join(tmpdir(), 'chatvui-moved-'));
      const moved = await openSqliteAccounts({ dir });
      try {
        await movedWhole(open().moving, moved.moving);
        expect(await moved.byUsername(user.username)).toEqual(account);
        expect(await moved.sessions([user.id], at)).toEqual([session]);
        expect(await moved.personalChanges(user.id, { since: 0, limit: 100 })).toEqual(
          await open().personalChanges(user.id, { since: 0, limit: 100 }),
        );
        expect(await moved.mark(`mark-${hash}`)).toBe('5');
        expect(await moved.secret(`secret-${hash}`, () => 'another')).toBe(secret);
        const renewed = { hash, nextHash: randomUUID(), now: at, graceMs: 1_000, expiresAt: later };
        expect(await moved.refresh(renewed)).toMatchObject({ kind: 'rotated', session: { userId: user.id } });
      } finally {
        await moved.close();
        rmSync(dir, { recursive: true, force: true });
      }
    });

    it('keeps what is there already', async () => {
      const name = `kept-${randomUUID()}`;
      await open().setMark(name, 'here');
      await open().moving.take('tool_marks', [{ name, value: 'from elsewhere' }]);
      expect(await open().mark(name)).toBe('here');
    });
  });
};

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openMemoryRateLimit } from '../../ports/rate-limit/memory.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import { fakeAccounts } from './accounts.fake.ts';
import { networkOf } from './limits.ts';
import { openAuth } from './open.ts';
import type { UserLog } from './outbox.ts';
import type { Grant } from './sessions.ts';

const here = { device: 'test', address: '192.0.2.1' };
const password = 'correct horse';

const make = async (
  settings: { mode?: 'on' | 'off'; log?: Partial<UserLog>; accounts?: ReturnType<typeof fakeAccounts> } = {},
) => {
  const accounts = settings.accounts ?? fakeAccounts();
  const clock = { ms: Date.parse('2026-06-01T12:00:00.000Z') };
  const published: { key: string; json: string }[] = [];
  const announced: string[] = [];
  const closed: string[] = [];
  const limiter = () => openMemoryRateLimit({ now: () => clock.ms });
  const auth = await openAuth({
    accounts,
    log: {
      ready: () => true,
      publishUserEvent: async (key, json) => published.push({ key, json }),
      waitApplied: async () => {},
      ...settings.log,
    },
    limits: { mode: settings.mode ?? 'on', shared: limiter(), local: limiter() },
    announceRevoked: async (_, sessionId) => {
      announced.push(sessionId);
    },
    onRevoked: (sessionId) => closed.push(sessionId),
    now: () => clock.ms,
  });
  const register = async (username = `u${randomUUID()}`) => {
    const made = await auth.profiles.register({ username, password }, newcomer);
    if (isRefusal(made)) throw new Error(made.code);
    return { username, userId: made.userId, grant: await auth.sessions.begin(made.userId, here) };
  };
  return { ...auth, accounts, clock, published, announced, closed, register };
};
const newcomer = { address: '192.0.2.7', languages: '' };
const granted = (value: unknown): Grant => {
  if (isRefusal(value)) throw new Error(value.code);
  return value as Grant;
};

describe('registration', () => {
  it('publishes user.registered without secrets and clears the outbox', async () => {
    const { register, published, accounts } = await make();
    const { userId, username } = await register('Ha\u0300');
    expect(published).toHaveLength(1);
    expect(JSON.parse(published[0]?.json ?? '')).toMatchObject({
      type: 'user.registered',
      subject: userId,
      data: { user: { id: userId, username: username.normalize('NFC'), rev: 1 } },
    });
    expect(published[0]?.json).not.toMatch(/argon2|password|email/);
    expect(accounts.entries).toEqual([]);
  });

  it('refuses a taken name, a bad name, and everything while the log is away', async () => {
    const { profiles, register } = await make();
    const { username } = await register();
    expect(await profiles.register({ username, password }, newcomer)).toMatchObject({
      code: 'username_taken',
    });
    for (const bad of ['a b', 'a@b', 'a/b', '\u0000', 'a\u202eb', '\ud800', '', 'x'.repeat(65)])
      expect(await profiles.register({ username: bad, password }, newcomer)).toMatchObject({
        code: 'invalid_input',
      });
    const away = await make({ log: { ready: () => false } });
    expect(await away.profiles.register({ username: 'x', password }, newcomer)).toMatchObject({
      code: 'unavailable',
    });
    expect(away.accounts.accounts.size).toBe(0);
  });

  it('lets one of many at once have the name', async () => {
    const { profiles } = await make();
    const all = await Promise.all(
      Array.from({ length: 12 }, () => profiles.register({ username: 'same', password }, newcomer)),
    );
    expect(all.filter((each) => !isRefusal(each))).toHaveLength(1);
  });

  it('is kept when the log fails after the write, and swept later', async () => {
    let away = true;
    const published: string[] = [];
    const log = {
      publishUserEvent: async (key: string) => {
        if (away) throw new Error('away');
        return published.push(key);
      },
    };
    const { register, outbox, accounts } = await make({ log });
    const { userId } = await register();
    expect(accounts.entries).toHaveLength(1);
    away = false;
    expect(await outbox.sweep()).toBe(0);
    expect(await outbox.sweep()).toBe(1);
    expect([published, accounts.entries]).toEqual([[userId], []]);
  });
});

describe('signing in', () => {
  it('takes the right password only, and the same characters in another form', async () => {
    const { sessions, profiles } = await make();
    await profiles.register({ username: 'é', password: 'pass\u00e9word' }, newcomer);
    const form = { username: 'e\u0301', password: 'passe\u0301word' };
    expect(isRefusal(await sessions.signIn(form, here))).toBe(false);
    const wrong = await sessions.signIn({ username: 'é', password: 'nonsense' }, here);
    const nobody = await sessions.signIn({ username: 'nobody', password: 'nonsense' }, here);
    expect(wrong).toEqual(nobody);
    expect(wrong).toMatchObject({ code: 'wrong_credentials' });
  });

  it('takes as long for a name that nobody has', async () => {
    const { sessions, register } = await make({ mode: 'off' });
    const { username } = await register();
    // In turns, and the fastest of each: a busy machine only ever makes something slower.
    const fastest = { [username]: Number.POSITIVE_INFINITY, nobody: Number.POSITIVE_INFINITY };
    for (let i = 0; i < 7; i++)
      for (const name of Object.keys(fastest)) {
        const started = performance.now();
        await sessions.signIn({ username: name, password: 'nonsense' }, here);
        fastest[name] = Math.min(fastest[name] ?? 0, performance.now() - started);
      }
    const times = Object.values(fastest);
    expect(Math.min(...times)).toBeGreaterThan(Math.max(...times) / 3);
  });

  it('counts wrong passwords per name and network, forgets them with time, and locks nobody out', async () => {
    const { sessions, register, clock } = await make();
    const { username } = await register();
    const attempt = (secret: string, address = '198.51.100.9') =>
      sessions.signIn({ username, password: secret }, { device: 'x', address });
    for (let i = 0; i < 20; i++)
      expect(await attempt(`guess ${i}`)).toMatchObject({ code: 'wrong_credentials' });
    expect(await attempt('guess')).toMatchObject({ code: 'rate_limited' });
    expect(await attempt(password)).toMatchObject({ code: 'rate_limited' });
    expect(isRefusal(await attempt(password, '192.0.2.77'))).toBe(false);
    for (let i = 0; i < 60; i++) expect(isRefusal(await attempt(password, '192.0.2.78'))).toBe(false);
    clock.ms += 60_000;
    expect(isRefusal(await attempt(password))).toBe(false);
  }, 20_000);

  it('knows networks', () => {
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:0db8:1:2::9'));
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});

describe('refreshing', () => {
  it('gives 50 tabs at once the same successor, and one line goes on', async () => {
    const { sessions, register } = await make();
    const { grant } = await register();
    const all = await Promise.all(
      Array.from({ length: 50 }, () => sessions.refresh(grant.refreshToken, here)),
    );
    const successors = new Set(all.map((each) => granted(each).refreshToken));
    expect(successors.size).toBe(1);
    const [next = ''] = successors;
    expect(next).not.toBe(grant.refreshToken);
    expect(granted(await sessions.refresh(next, here)).sessionId).toBe(grant.sessionId);
  });

  it('takes a token long replaced for stolen: nobody goes on', async () => {
    const { sessions, register, clock, announced, closed } = await make();
    const { grant } = await register();
    const next = granted(await sessions.refresh(grant.refreshToken, here));
    clock.ms += 11_000;
    expect(await sessions.refresh(grant.refreshToken, here)).toMatchObject({ code: 'not_signed_in' });
    expect(await sessions.refresh(next.refreshToken, here)).toMatchObject({ code: 'not_signed_in' });
    expect(sessions.authenticate(next.accessToken)).toMatchObject({ code: 'not_signed_in' });
    expect([announced, closed]).toEqual([[grant.sessionId], [grant.sessionId]]);
  });

  it('refuses what is no token', async () => {
    const { sessions } = await make();
    for (const bad of [undefined, '', 'x', 'a'.repeat(43), `${'a'.repeat(43)}\n`, 'é'.repeat(43)])
      expect(await sessions.refresh(bad, here)).toMatchObject({ code: 'not_signed_in' });
  });
});

describe('devices', () => {
  it('are listed and revoked, by their owner only', async () => {
    const { sessions, register, announced } = await make();
    const { userId, grant } = await register();
    const other = await sessions.begin(userId, { device: 'Phone\u0007 \u202e', address: '::1' });
    const stranger = await register();
    const caller = sessions.authenticate(grant.accessToken);
    if (isRefusal(caller)) throw new Error(caller.code);
    const list = await sessions.list(caller);
    expect(list.map((each) => [each.device, each.current])).toEqual([
      ['test', true],
      ['Phone', false],
    ]);
    expect(await sessions.revoke(stranger.userId, other.sessionId)).toMatchObject({ code: 'not_found' });
    expect(await sessions.revoke(userId, other.sessionId)).toBeNull();
    expect(sessions.authenticate(other.accessToken)).toMatchObject({ code: 'not_signed_in' });
    expect(isRefusal(sessions.authenticate(grant.accessToken))).toBe(false);
    expect(announced).toEqual([other.sessionId]);
  });

  it('stay signed out at a gateway that starts afterwards, or is told', async () => {
    const first = await make();
    const { userId, grant } = await first.register();
    const second = await make({ accounts: first.accounts });
    expect(isRefusal(second.sessions.authenticate(grant.accessToken))).toBe(false);
    await first.sessions.revoke(userId, grant.sessionId);
    second.sessions.markRevoked(grant.sessionId);
    second.sessions.markRevoked(grant.sessionId);
    expect(second.closed).toEqual([grant.sessionId]);
    expect(second.sessions.authenticate(grant.accessToken)).toMatchObject({ code: 'not_signed_in' });
    const third = await make({ accounts: first.accounts });
    expect(third.sessions.authenticate(grant.accessToken)).toMatchObject({ code: 'not_signed_in' });
  });
});

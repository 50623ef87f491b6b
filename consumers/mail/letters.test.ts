// From a letter to the mail, with the real store and a mail server that does as it is told.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountStore, NewLetter } from '../../ports/accounts/port.ts';
import { openSqliteAccounts } from '../../ports/accounts/sqlite.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { Mail, MailOutcome } from '../../ports/mail/port.ts';
import { openMemoryRateLimit } from '../../ports/rate-limit/memory.ts';
import { openLetters } from './letters.ts';
import { momentIn } from './words.ts';
import { LetterWorker } from './worker.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-letters-'));
let accounts: AccountStore;
let clock = Date.parse('2026-06-01T12:00:00.000Z');
let sent: Mail[] = [];
let events: string[] = [];
let troubles: string[] = [];
let answer: (mail: Mail) => MailOutcome | Promise<MailOutcome> = () => ({ kind: 'sent' });
const iso = () => new Date(clock).toISOString();

beforeAll(async () => {
  accounts = await openSqliteAccounts({ dir });
});
afterAll(async () => {
  await accounts.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  clock += 10 * 24 * 3600_000;
  [sent, events, troubles] = [[], [], []];
  answer = () => ({ kind: 'sent' });
});

const workerOf = (store: AccountStore = accounts) => {
  const letters = openLetters({
    accounts: store,
    mailer: {
      send: async (mail) => {
        const outcome = await answer(mail);
        sent.push(mail);
        return outcome;
      },
    },
    rate: openMemoryRateLimit({ now: () => clock }),
    origin: () => 'https://chat.example.org',
    host: 'example.org',
    timeZoneOf: async () => 'Asia/Ho_Chi_Minh',
    onSecurityEvent: ({ event }) => events.push(event),
    now: () => clock,
  });
  return new LetterWorker({
    letters: store,
    deliver: letters.deliver,
    onTrouble: (_error, what) => troubles.push(what),
    now: () => clock,
  });
};

const person = async (email: string | null = `ann-${randomUUID()}@example.org`, language = 'en') => {
  const user = {
    id: randomUUID(),
    username: `ann-${randomUUID()}`,
    profilePicUrl: null,
    kind: 'person' as const,
    createdAt: iso(),
    rev: 1,
  };
  const preferences = { web: { language } };
  await accounts.create({ user, passwordHash: 'hash', email, preferences }, () => '{}');
  return { id: user.id, username: user.username, email: email ?? '' };
};
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
const confirmed = async (who: Awaited<ReturnType<typeof person>>) => {
  const hash = randomUUID();
  const [now, expiresAt] = [iso(), new Date(clock + 1000).toISOString()];
  await accounts.keepMailToken({
    hash,
    userId: who.id,
    purpose: 'verify',
    address: who.email,
    now,
    expiresAt,
  });
  await accounts.confirmAddress(hash, iso());
  return who;
};
const post = async (kind: string, userId: string | null, content: NewLetter['content'] = {}) => {
  const letter = { id: randomUUID(), userId, kind, content, madeAt: iso() };
  await accounts.postLetter(letter);
  return letter;
};
const tokenIn = (mail: Mail | undefined, page: string) =>
  new RegExp(`https://chat\\.example\\.org/#/${page}/([A-Za-z0-9_-]{43})`).exec(mail?.text ?? '')?.[1] ?? '';

describe('an address', () => {
  it('is confirmed by the link of the mail that asks for it', async () => {
    const ann = await person();
    const letter = await post('verify', ann.id, { address: ann.email });
    await workerOf().look();
    expect(sent).toMatchObject([{ to: ann.email, messageId: `${letter.id}@example.org` }]);
    const token = tokenIn(sent[0], 'confirm-email');
    expect(sent[0]?.html).toContain(token);
    expect(await accounts.confirmAddress(hashOf(token), iso())).toMatchObject({ userId: ann.id });
  });

  it('that was changed or confirmed meanwhile gets no mail that asks for it', async () => {
    const [changed, done] = [await person(), await confirmed(await person())];
    await accounts.change(
      changed.id,
      { email: { address: 'other@example.org', isProven: true } },
      () => '{}',
    );
    await post('verify', changed.id, { address: changed.email });
    await post('verify', done.id, { address: done.email });
    await post('verify', randomUUID(), { address: 'nobody@example.org' });
    await workerOf().look();
    expect(sent).toEqual([]);
  });

  it('that is not confirmed gets nothing else', async () => {
    const ann = await person();
    await post('reset', null, { username: ann.username });
    await post('reset', null, { email: ann.email });
    await post('password_changed', ann.id);
    await post('new_device', ann.id, { device: 'x' });
    await workerOf().look();
    expect(sent).toEqual([]);
  });

  it('that was given without the password sets none: whoever finds an open session does not get the account', async () => {
    const ann = await person(null);
    const give = (isProven: boolean) =>
      accounts.change(ann.id, { email: { address: 'found@example.org', isProven } }, () => '{}');
    await give(false);
    const found = { ...ann, email: 'found@example.org' };
    await confirmed(found);
    await post('reset', null, { username: ann.username });
    await post('reset', null, { email: found.email });
    await workerOf().look();
    expect(sent).toEqual([]);
    await give(true);
    await post('reset', null, { username: ann.username });
    await workerOf().look();
    expect(sent).toMatchObject([{ to: found.email }]);
  });

  it('that refuses mail for good is marked, gets nothing more, and is asked only when its person wants it', async () => {
    const ann = await confirmed(await person());
    answer = () => ({ kind: 'refused', reason: '550 unknown' });
    await post('new_device', ann.id, { device: 'x' });
    await workerOf().look();
    expect((await accounts.mailStates([ann.id])).get(ann.id)).toMatchObject({ bounceReason: '550 unknown' });
    expect(events).toEqual(['mail_refused']);
    answer = () => ({ kind: 'sent' });
    await post('new_device', ann.id, { device: 'y' });
    await post('reset', null, { username: ann.username });
    await workerOf().look();
    expect(sent).toHaveLength(1);
    await post('verify', ann.id, { address: ann.email });
    await workerOf().look();
    expect(tokenIn(sent[1], 'confirm-email')).not.toBe('');
  });

  it('that was confirmed is told of the one that takes its place', async () => {
    const ann = await person('new@example.org', 'vi');
    await post('address_changed', ann.id, { former: 'old@example.org', address: 'new@example.org' });
    await workerOf().look();
    expect(sent).toMatchObject([{ to: 'old@example.org', subject: expect.stringContaining('Địa chỉ') }]);
    expect(sent[0]?.text).toContain('n•••@example.org');
  });
});

describe('a forgotten password', () => {
  it('brings a link to the confirmed address, by name or by address, to each account that has it', async () => {
    const email = `team-${randomUUID()}@example.org`;
    const all = [await confirmed(await person(email)), await confirmed(await person(email, 'vi'))];
    await post('reset', null, { email: email.toUpperCase() });
    await workerOf().look();
    expect(sent.map(({ to }) => to)).toEqual([email, email]);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(2);
    for (const mail of sent) {
      const who = all.find(({ username }) => mail.text.includes(username));
      const done = await accounts.resetPassword(
        hashOf(tokenIn(mail, 'reset-password')),
        'new',
        iso(),
        () => [],
      );
      expect(done).toMatchObject({ kind: 'reset', userId: who?.id });
    }
  });

  it('has links that are good for an hour', async () => {
    const ann = await confirmed(await person());
    await post('reset', null, { username: ann.username });
    await workerOf().look();
    clock += 3600_000;
    const hash = hashOf(tokenIn(sent[0], 'reset-password'));
    expect(await accounts.resetPassword(hash, 'new', iso(), () => [])).toEqual({ kind: 'unknown' });
  });

  it('brings no more than a few mails however often it is asked for', async () => {
    const ann = await confirmed(await person());
    const worker = workerOf();
    for (let i = 0; i < 20; i += 1) await post('reset', null, { username: ann.username });
    await worker.look();
    expect(sent).toHaveLength(6);
    expect(events.filter((event) => event === 'mail_not_sent_too_many')).toHaveLength(14);
    // Another kind of mail is not kept from them by that.
    await post('new_device', ann.id, { device: 'x' });
    await worker.look();
    expect(sent).toHaveLength(7);
  });
});

it('tells of a new device which, when, and where to sign it out', async () => {
  const ann = await confirmed(await person(undefined, 'vi'));
  const device = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  await post('new_device', ann.id, { device });
  await workerOf().look();
  expect(sent[0]?.text).toContain('Firefox · Linux');
  expect(sent[0]?.text).toContain(momentIn('vi', 'Asia/Ho_Chi_Minh', iso()));
  expect(sent[0]?.text).toContain('https://chat.example.org/#/settings/devices');
});

describe('the mail server', () => {
  const away = () => {
    throw new OutsideError('mail_unavailable', 'later', 'away');
  };

  it('that is away is tried again with longer pauses, and the mail keeps its id', async () => {
    const ann = await person();
    const letter = await post('verify', ann.id, { address: ann.email });
    const worker = workerOf();
    const ids: string[] = [];
    answer = (mail) => {
      ids.push(mail.messageId);
      return away();
    };
    const times: number[] = [];
    for (const begun = clock; clock - begun < 600_000; clock += 5_000) {
      const before = ids.length;
      await worker.look();
      if (ids.length > before) times.push((clock - begun) / 1000);
    }
    expect(times).toEqual([0, 10, 30, 70, 150, 310]);
    answer = () => ({ kind: 'sent' });
    clock += 3600_000;
    await worker.look();
    expect(sent).toHaveLength(1);
    expect(new Set([...ids, sent[0]?.messageId])).toEqual(new Set([`${letter.id}@example.org`]));
    clock += 3600_000;
    await worker.look();
    expect(sent).toHaveLength(1);
    expect(troubles).toHaveLength(times.length);
  });

  it('that is away for three days is given up', async () => {
    const ann = await person();
    await post('verify', ann.id, { address: ann.email });
    const worker = workerOf();
    answer = away;
    await worker.look();
    clock += 3 * 24 * 3600_000 + 1;
    await worker.look();
    answer = () => ({ kind: 'sent' });
    clock += 24 * 3600_000;
    await worker.look();
    expect(sent).toEqual([]);
    expect(troubles.at(-1)).toContain('given up');
  });

  it('gets each mail once from several workers, and again when one dies over it, with the same id', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => person()));
    for (const ann of people) await post('verify', ann.id, { address: ann.email });
    await Promise.all([workerOf().look(), workerOf().look(), workerOf().look()]);
    expect(sent.map(({ to }) => to).sort()).toEqual(people.map(({ email }) => email).sort());

    sent = [];
    const ann = await person();
    const letter = await post('verify', ann.id, { address: ann.email });
    // Killed after the server has taken it and before it was noted.
    const dying = { ...accounts, letterDone: () => new Promise<void>(() => {}) };
    void workerOf(dying).look();
    await expect.poll(() => sent.length).toBe(1);
    clock += 59_000;
    await workerOf().look();
    expect(sent).toHaveLength(1);
    clock += 1_000;
    await workerOf().look();
    expect(sent.map(({ messageId }) => messageId)).toEqual(Array(2).fill(`${letter.id}@example.org`));
    // Whichever of them is read.
    for (const mail of sent)
      expect(await accounts.confirmAddress(hashOf(tokenIn(mail, 'confirm-email')), iso())).toMatchObject({
        kind: 'confirmed',
      });
  });
});

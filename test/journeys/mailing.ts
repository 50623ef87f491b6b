// What people get by mail, from the folder of an embedded product or from a real mail server.
import { randomUUID } from 'node:crypto';
import type { Email } from 'postal-mime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from '../client/api.ts';
import { eventually } from '../client/eventually.ts';
import { directOf, Person, password, randomName } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

const mailWithinMs = 20_000;
/** As short as a person can choose. */
const unreadSeconds = 60;

const arrived = async (target: Target, address: string, subject: RegExp): Promise<Email> => {
  let found: Email | undefined;
  await eventually(
    async () => {
      found = (await target.mails?.(address))?.find((mail) => subject.test(mail.subject ?? ''));
      return found !== undefined;
    },
    `a mail ${subject} has come`,
    mailWithinMs,
  );
  return found as Email;
};
const tokenOf = (mail: Email, page: string): string =>
  new RegExp(`/#/${page}/([A-Za-z0-9_-]+)`).exec(mail.text ?? '')?.[1] ?? 'none';

const confirm = async (target: Target, person: { api: Api; id: string; email: string }): Promise<void> => {
  const mail = await arrived(target, person.email, /Confirm|Xác nhận/);
  const { status } = await person.api.ask(
    'PUT',
    `/api/email-confirmations/${tokenOf(mail, 'confirm-email')}`,
  );
  expect(status).toBe(204);
};

/** Registered with an address, in a browser that asks for Vietnamese. */
const addressed = async (url: string) => {
  const api = new Api(url);
  const [username, email] = [randomName('thư'), `${randomUUID()}@example.org`];
  const body = { username, password, email };
  const headers = { 'accept-language': 'vi-VN,vi;q=0.9,en;q=0.8' };
  const { body: answer } = await api.ask('POST', '/api/users', { body, headers });
  const { user, accessToken } = answer as { user: Person['user']; accessToken: string };
  api.token = accessToken;
  return { person: new Person(user, api), api, id: user.id, username, email };
};

/** Begun by the first journey, and looked at by the last: what is not read takes its time. */
let missed: { ann: Awaited<ReturnType<typeof addressed>>; unread: string; read: string } | undefined;

export const mailing = (target: () => Target): void => {
  describe('mail', () => {
    const stage = new Stage(target);
    beforeAll(async () => {
      if (!target().mails) return;
      const ann = await addressed(stage.here);
      await confirm(target(), ann);
      await ann.api.prefer({ afterSeconds: { email: unreadSeconds } });
      const [bob, chi] = [await stage.online('bob'), await stage.online('chi', stage.there)];
      const direct = async (person: Person) => (await directOf(person, ann.person)).id;
      missed = { ann, unread: await direct(bob), read: await direct(chi) };
      for (const words of ['bí mật một', 'bí mật hai']) await bob.say(missed.unread, words);
      const { id } = await chi.say(missed.read, 'read at once');
      await ann.api.ask('PUT', `/api/messages/${id}/read`);
    });

    it('asks to confirm an address in the language of the browser, and says when it is', async () => {
      if (!target().mails) return;
      const ann = await addressed(stage.here);
      expect(ann.person.user).toMatchObject({ email: ann.email, emailStatus: 'unconfirmed' });
      const mail = await arrived(target(), ann.email, /Xác nhận địa chỉ/);
      expect(mail.text).not.toContain(ann.username);
      expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
      // Nothing else goes there until then.
      await ann.api.ask('POST', '/api/password-resets', { body: { username: ann.username } });
      await confirm(target(), ann);
      expect(await ann.person.at(stage.there).user(ann.id)).toMatchObject({ emailStatus: 'confirmed' });
      const { status } = await ann.api.ask('POST', '/api/email-confirmations');
      expect(status).toBe(409);
      expect(await target().mails?.(ann.email)).toHaveLength(1);
    });

    it('brings a new password once, which signs every device out, and tells of a device that is new', async () => {
      if (!target().mails) return;
      const ann = await addressed(stage.here);
      await confirm(target(), ann);
      const asked = await ann.api.ask('POST', '/api/password-resets', {
        token: null,
        body: { email: ann.email },
      });
      expect([asked.status, asked.body]).toEqual([202, null]);
      const token = tokenOf(await arrived(target(), ann.email, /Đặt mật khẩu mới/), 'reset-password');
      const reset = (next: string) =>
        new Api(stage.there).ask('PUT', `/api/password-resets/${token}`, { body: { password: next } });
      expect((await reset('another password')).status).toBe(204);
      expect((await reset('a third password')).status).toBe(404);
      expect(await refusalOf(ann.api.user(ann.id))).toMatch(/^401/);
      await arrived(target(), ann.email, /Mật khẩu của bạn đã được đổi/);
      expect(await refusalOf(new Api(stage.here).signIn(ann.username, password))).toBe(
        '401 wrong_credentials',
      );
      await new Api(stage.there).signIn(ann.username, 'another password');
      const mail = await arrived(target(), ann.email, /thiết bị mới/);
      expect(mail.text).toContain('/#/settings/devices');
    });

    it('is tried by a mail that somebody asks for', async () => {
      if (!target().mails) return;
      const ann = await addressed(stage.here);
      await confirm(target(), ann);
      const { body } = await ann.api.ask('POST', '/api/notifications/test', { body: { channel: 'email' } });
      expect(body).toMatchObject({ channel: 'email', state: 'sent' });
      await arrived(target(), ann.email, /Thư thử/);
    });
  });
};

export const mailed = (target: () => Target): void => {
  describe('mail about what was missed', () => {
    afterAll(() => {
      missed = undefined;
    });

    it('comes once for a conversation that was not read in time, says no words of it, and is ended by one click', async () => {
      if (!missed) return;
      const { ann, unread } = missed;
      let mails: Email[] = [];
      await eventually(
        async () => {
          mails = ((await target().mails?.(ann.email)) ?? []).filter(({ subject }) =>
            /chưa đọc/.test(subject ?? ''),
          );
          return mails.length > 0;
        },
        'a mail about unread messages has come',
        (unreadSeconds + 30) * 1_000,
      );
      expect(mails).toHaveLength(1);
      const [mail] = mails as [Email];
      expect(mail.text).toContain('2 tin nhắn chưa đọc gửi cho bạn');
      expect(mail.text).toContain(`/#/c/${unread}/m/`);
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/bí mật|bob-/);
      const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? '';
      expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
      const path = /\/api\/unsubscribe\/[\w-]+/.exec(header('list-unsubscribe'))?.[0] ?? '';
      const ended = await new Api(target().urls[0] as string).ask('POST', path, {
        raw: 'List-Unsubscribe=One-Click',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect([ended.status, ended.body]).toEqual([200, { kind: 'missed' }]);
      expect(await ann.api.preferences()).toMatchObject({ kinds: { direct: { push: true, email: false } } });
    });
  });
};

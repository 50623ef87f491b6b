// Who somebody is: registering, signing in, refreshing, devices.
import { describe, expect, it } from 'vitest';
import { Api } from '../client/api.ts';
import { eventually, sleep } from '../client/eventually.ts';
import { password, randomName } from '../client/person.ts';
import { Socket } from '../client/socket.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

/** The product forgives a repeated refresh for 10 s. */
const graceMs = 10_500;
const refreshTokenOf = (api: Api): string => [...api.jar.cookies.values()][0]?.value ?? '';

export const signingIn = (target: () => Target) =>
  describe('signing in', () => {
    const stage = new Stage(target);

    it('answers who registers with a token, and keeps the refresh token in an HttpOnly SameSite=Strict cookie', async () => {
      const api = new Api(stage.here);
      const username = randomName();
      const answer = await api.ask('POST', '/api/users', { body: { username, password } });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({ user: { username }, accessToken: expect.any(String) });
      expect(Object.keys(answer.body as object).sort()).toEqual(['accessToken', 'expiresIn', 'user']);
      const [cookie] = [...api.jar.cookies.values()];
      expect(cookie?.attributes).toMatch(/HttpOnly/i);
      expect(cookie?.attributes).toMatch(/SameSite=Strict/i);
      expect(JSON.stringify(answer.body)).not.toContain(cookie?.value);
    });

    it('gives a name to one person only, however it is composed and whoever asks at the same moment', async () => {
      const name = `${randomName()}-é`;
      const register = (at: string, username: string) => refusalOf(new Api(at).register(username, password));
      const answers = await Promise.all([
        register(stage.here, name.normalize('NFC')),
        register(stage.there, name.normalize('NFD')),
        register(stage.here, name.normalize('NFC')),
      ]);
      expect(answers.filter((each) => each === 'not refused')).toHaveLength(1);
      expect(answers.filter((each) => each === '409 username_taken')).toHaveLength(2);
    });

    it('lets somebody in with the right password only, and does not say which half was wrong', async () => {
      const ann = await stage.person();
      const { username } = ann.user;
      const again = await new Api(stage.there).signIn(username, password);
      expect(again.user.id).toBe(ann.id);
      const wrong = await new Api(stage.here).ask('POST', '/api/sessions', {
        body: { username, password: 'not the password' },
      });
      const nobody = await new Api(stage.here).ask('POST', '/api/sessions', {
        body: { username: randomName(), password },
      });
      expect(wrong.status).toBe(401);
      expect(wrong.body).toEqual(nobody.body);
      expect(wrong.body).toMatchObject({ code: 'wrong_credentials' });
    });

    it('refuses forged, broken and missing tokens with 401 everywhere', async () => {
      const ann = await stage.person();
      const [header, , signature] = ann.token.split('.');
      const claims = Buffer.from(JSON.stringify({ sub: ann.id, exp: 9_999_999_999 })).toString('base64url');
      const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
      for (const token of [
        null,
        'rubbish',
        `${header}.${claims}.${signature}`,
        `${none}.${claims}.`,
        `${ann.token}x`,
      ]) {
        const answer = await ann.api.ask('GET', '/api/conversations', { token });
        expect(answer.status, String(token)).toBe(401);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
    });

    it('shows e-mail and preferences to oneself only, and lets nobody change another', async () => {
      const ann = await stage.person();
      const bob = await stage.person();
      const mail = `${ann.user.username}@example.org`;
      await ann.api.call('PUT', `/api/users/${ann.id}`, {
        email: mail,
        password,
        preferences: { theme: 'dark' },
      });
      expect(await ann.api.user(ann.id)).toMatchObject({ email: mail, preferences: { theme: 'dark' } });
      const seen = await bob.api.user(ann.id);
      expect(seen).not.toHaveProperty('email');
      expect(seen).not.toHaveProperty('preferences');
      expect(JSON.stringify(await bob.api.users({ q: ann.user.username }))).not.toContain(mail);
      expect(await refusalOf(bob.api.call('PUT', `/api/users/${ann.id}`, { profilePicUrl: null }))).toMatch(
        /^403/,
      );
    });

    it('replaces the refresh token at each use, and gives a repeat within seconds the same successor', async () => {
      const ann = await stage.person();
      const first = ann.api.jar.copy();
      const before = refreshTokenOf(ann.api);
      const { user } = await ann.api.refresh();
      expect(user.id).toBe(ann.id);
      expect(refreshTokenOf(ann.api)).not.toBe(before);
      const otherTab = new Api(stage.there, { jar: first });
      await otherTab.refresh();
      expect(refreshTokenOf(otherTab)).toBe(refreshTokenOf(ann.api));
      await ann.api.conversations();
    });

    it('refuses to refresh without or with an invented cookie', async () => {
      expect(await refusalOf(new Api(stage.here).refresh())).toMatch(/^401/);
      const api = new Api(stage.here);
      const headers = { cookie: `chatvui_refresh=${'x'.repeat(43)}` };
      expect((await api.ask('POST', '/api/sessions/refresh', { headers })).status).toBe(401);
    });

    it.concurrent('takes a refresh token that was replaced long ago for stolen: the device is signed out, its sockets closed', async () => {
      const ann = await stage.online();
      const stolen = ann.api.jar.copy();
      await ann.api.refresh();
      await sleep(graceMs);
      const thief = new Api(stage.here, { jar: stolen });
      expect(await refusalOf(thief.refresh())).toMatch(/^401/);
      expect((await ann.socket.waitForClose()).code).toBe(4401);
      expect(await refusalOf(ann.api.conversations())).toMatch(/^401/);
      expect(await refusalOf(ann.api.refresh())).toMatch(/^401/);
    });

    it('lists devices, and signing one out closes its sockets with a notice and 4401 and ends its token, at every gateway', async () => {
      const ann = await stage.online();
      const phone = new Api(stage.there);
      const { user } = await phone.signIn(ann.user.username, password);
      const phoneSocket = await ann.connect({ at: stage.there });
      const phones = await Socket.open(stage.there);
      const { sessionId } = await phones.connect(phone.token ?? '');
      expect(user.id).toBe(ann.id);
      const { items } = await ann.api.devices();
      expect(items).toHaveLength(2);
      expect(items.filter(({ current }) => current)).toHaveLength(1);
      expect(items.find(({ current }) => current)?.id).not.toBe(sessionId);

      await ann.api.revoke(sessionId);

      expect((await phones.waitForClose()).code).toBe(4401);
      expect(phones.all('notice')).toHaveLength(1);
      await eventually(
        async () => (await phone.ask('GET', '/api/conversations')).status === 401,
        'the token of the signed-out device is refused at the other gateway',
      );
      expect(await refusalOf(phone.refresh())).toMatch(/^401/);
      expect(phoneSocket.closed).toBeNull();
      expect((await ann.api.devices()).items).toHaveLength(1);
    });

    it('signs out: the token, the cookie and the sockets of this device end', async () => {
      const ann = await stage.online();
      await ann.api.signOut();
      expect((await ann.socket.waitForClose()).code).toBe(4401);
      expect(await refusalOf(ann.api.conversations())).toMatch(/^401/);
      expect(await refusalOf(ann.api.refresh())).toMatch(/^401/);
    });

    it('lets nobody sign out the device of another', async () => {
      const ann = await stage.person();
      const bob = await stage.person();
      const [device] = (await ann.api.devices()).items;
      expect(await refusalOf(bob.api.revoke(device?.id ?? ''))).toMatch(/^404/);
      await ann.api.conversations();
    });
  });

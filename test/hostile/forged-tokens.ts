// Tokens that are none, at both doors that take tokens. What each verifies alone is proved beside it, in gateway/auth.
import { describe, expect, it } from 'vitest';
import { forgeries } from '../../gateway/auth/tokens-forged.fake.ts';
import { closeCodes } from '../../schemas/frames.ts';
import { Api } from '../client/api.ts';
import { Person } from '../client/person.ts';
import { seeded } from '../client/random.ts';
import { Socket } from '../client/socket.ts';
import type { Scene } from './scene.ts';
import { secretOf } from './witness.ts';

const mutationsCount = 1_000;
const seed = 20_261;
const refreshCookie = 'chatvui_refresh';

export const forgedTokens = (scene: () => Scene) =>
  describe('forged tokens', () => {
    /** 'in', or what the HTTP door said. */
    const byHttp = async (token: string): Promise<string> => {
      const { status, body } = await new Api(scene().server.url).ask('GET', '/api/sessions', { token });
      return status === 200 ? 'in' : `${status} ${(body as { code?: string }).code}`;
    };
    /** 'in', 'closed', or 'stays outside' for what is not even a connect frame. */
    const bySocket = async (token: string): Promise<string> => {
      const socket = await Socket.open(scene().server.url);
      socket.send({ type: 'connect', token });
      const first = await Promise.race([
        socket.waitFor('connect').then(() => 'in'),
        socket.waitFor('error').then(({ code }) => code),
      ]);
      if (first === 'not_signed_in') expect((await socket.waitForClose()).code).toBe(closeCodes.notSignedIn);
      socket.kill();
      return first;
    };
    const corpus = async (): Promise<[name: string, token: string][]> => {
      const { token } = await Person.register(scene().server.url);
      return Object.entries(forgeries(token, secretOf(scene().server.dataDir)));
    };

    it('are refused with 401 by HTTP, and a good one is taken', async () => {
      const { token } = await Person.register(scene().server.url);
      expect(await byHttp(token)).toBe('in');
      for (const [name, forged] of await corpus()) {
        // White space around it belongs to the header; what cannot be sent in one needs no refusal.
        if (forged.trim() !== forged || forged.length > 60_000) continue;
        const expected = name === 'expired' ? '401 token_expired' : '401 not_signed_in';
        expect(await byHttp(forged), name).toBe(expected);
      }
    });

    it('are refused with 4401 by the socket, and a good one is taken', async () => {
      const { token } = await Person.register(scene().server.url);
      expect(await bySocket(token)).toBe('in');
      for (const [name, forged] of await corpus()) {
        const isNoFrame = forged.length === 0 || forged.length > 8_192;
        const found = forged.length > 60_000 ? 'invalid_input' : await bySocket(forged);
        expect(found, name).toBe(isNoFrame ? 'invalid_input' : 'not_signed_in');
      }
    });

    it('are refused whichever character of a good one is changed', async () => {
      const { token } = await Person.register(scene().server.url);
      const random = seeded(seed);
      const letters = [...'ABCXYZabcxyz0189-_.='];
      const api = new Api(scene().server.url);
      for (let i = 0; i < mutationsCount; i++) {
        const at = random.below(token.length);
        const letter = random.one(letters);
        const mutated = token.slice(0, at) + letter + token.slice(at + random.below(2));
        if (mutated === token) continue;
        const { status } = await api.ask('GET', '/api/sessions', { token: mutated });
        expect(status, mutated).toBe(401);
      }
    });

    it('are not made by showing one kind of token as the other', async () => {
      const person = await Person.register(scene().server.url);
      const refresh = person.api.jar.cookies.get(refreshCookie)?.value ?? '';
      expect(refresh).not.toBe('');
      expect(await byHttp(refresh)).toBe('401 not_signed_in');
      expect(await bySocket(refresh)).toBe('not_signed_in');
      const stranger = new Api(scene().server.url);
      for (const shown of [person.token, '', '"', 'a'.repeat(43), `${refresh}A`, refresh.slice(1)]) {
        const headers = { cookie: `${refreshCookie}=${shown}` };
        const { status } = await stranger.ask('POST', '/api/sessions/refresh', { headers });
        expect(status, shown).toBe(401);
      }
      expect(await byHttp(person.token), 'and nobody was signed out by it').toBe('in');
    });

    it('are not read from an address, a cookie or a body', async () => {
      const { token } = await Person.register(scene().server.url);
      const api = new Api(scene().server.url);
      for (const name of ['token', 'access_token', 'accessToken', 'authorization'])
        expect((await api.ask('GET', `/api/sessions?${name}=${token}`)).status).toBe(401);
      for (const name of ['token', 'access_token', refreshCookie]) {
        const headers = { cookie: `${name}=${token}` };
        expect((await api.ask('GET', '/api/sessions', { headers })).status).toBe(401);
      }
      for (const scheme of ['Basic', 'Token', 'Bearer:', 'BearerBearer', '']) {
        const headers = { authorization: `${scheme} ${token}` };
        expect((await api.ask('GET', '/api/sessions', { headers })).status, scheme).toBe(401);
      }
    });
  });

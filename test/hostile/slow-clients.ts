// Those who open and then say nothing, or say it as slowly as they can. Each wait has an end, and nobody else waits.
import { describe, expect, it } from 'vitest';
import { closeCodes } from '../../schemas/frames.ts';
import { Api } from '../client/api.ts';
import { sleep } from '../client/eventually.ts';
import { Person } from '../client/person.ts';
import { Socket } from '../client/socket.ts';
import type { Scene } from './scene.ts';
import { Tcp } from './tcp.ts';

const count = 200;
const silentSockets = 1_000;
const atOnce = 50;
/** Headers have 15 s, a whole request has 30 s; whether they have come is looked at every 5 s. */
const headersEndWithinMs = 24_000;
const requestEndsWithinMs = 40_000;
const testMs = 60_000;
/** As long as a replaced refresh token is forgiven, and a little. */
const graceMs = 10_500;

export const slowClients = (scene: () => Scene) =>
  describe.concurrent('slow clients', { timeout: testMs }, () => {
    const url = () => scene().server.url;

    /** All open, write `first`, then one byte of `drip` in a second, until the server has had enough. */
    const trickle = async (first: string, drip: string, endsWithinMs: number): Promise<Tcp[]> => {
      const all = await Promise.all(Array.from({ length: count }, () => Tcp.open(url())));
      for (const tcp of all) tcp.write(first);
      const ends = performance.now() + endsWithinMs;
      while (all.some(({ isClosed }) => !isClosed) && performance.now() < ends) {
        if (drip) for (const tcp of all) tcp.write(drip);
        await scene().witness.talks();
        await sleep(1_000);
      }
      const open = all.filter(({ isClosed }) => !isClosed).length;
      for (const { socket } of all) socket.destroy();
      expect(open, 'connections that are still open').toBe(0);
      return all;
    };

    it('are closed with 408 when their headers do not end', async () => {
      const all = await trickle('GET /healthz HTTP/1.1\r\nhost: x\r\nx: ', 'a', headersEndWithinMs);
      expect(new Set(all.flatMap(({ statuses }) => statuses))).toEqual(new Set([408]));
    });

    it('are closed with 408 when their body does not end', async () => {
      const head = 'POST /api/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
      const all = await trickle(`${head}content-length: 1000\r\n\r\n`, ' ', requestEndsWithinMs);
      expect(new Set(all.flatMap(({ statuses }) => statuses))).toEqual(new Set([408]));
    });

    it('are closed with 408 when their chunks do not end', async () => {
      const head = 'POST /api/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
      const all = await trickle(
        `${head}transfer-encoding: chunked\r\n\r\n`,
        '1\r\n \r\n',
        requestEndsWithinMs,
      );
      expect(new Set(all.flatMap(({ statuses }) => statuses))).toEqual(new Set([408]));
    });

    it('are closed when they say nothing at all', async () => {
      await trickle('', '', headersEndWithinMs);
    });

    it('are closed when they begin a handshake and do not end it', async () => {
      await trickle(
        'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n',
        '',
        headersEndWithinMs,
      );
    });

    it('may leave in the middle of a handshake', async () => {
      const head = 'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
      const rest = `sec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;
      for (let i = 0; i < count; i++) {
        const tcp = await Tcp.open(url());
        tcp.write(i % 2 ? head : head + rest);
        if (i % 3) tcp.socket.resetAndDestroy();
        else tcp.socket.destroy();
      }
      await scene().witness.talks();
    });

    it('are closed with 4401 when 1000 of them open a socket and do not say who they are', async () => {
      const sockets: Socket[] = [];
      while (sockets.length < silentSockets)
        sockets.push(...(await Promise.all(Array.from({ length: atOnce }, () => Socket.open(url())))));
      await scene().witness.talks();
      const closed = await Promise.all(sockets.map((socket) => socket.waitForClose(20_000)));
      expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([closeCodes.notSignedIn]));
    });

    it('are closed with 4401 however much they send, if it is not `connect`', async () => {
      const socket = await Socket.open(url());
      const chatter = setInterval(() => {
        if (!socket.closed)
          socket.sendRaw(JSON.stringify({ type: 'typing', conversationId: crypto.randomUUID() }));
      }, 1_000);
      const { code } = await socket.waitForClose(20_000).finally(() => clearInterval(chatter));
      expect(code).toBe(closeCodes.notSignedIn);
    });

    it('are signed out, thief and owner, when a refresh token comes back that was long replaced', async () => {
      const owner = await Person.online(url());
      const thief = new Api(url(), { jar: owner.api.jar.copy() });
      await owner.api.refresh();
      await sleep(graceMs);
      expect((await thief.ask('POST', '/api/sessions/refresh', { token: null })).status).toBe(401);
      expect((await owner.socket.waitForClose()).code).toBe(closeCodes.notSignedIn);
      expect((await owner.api.ask('GET', '/api/sessions')).status).toBe(401);
      expect((await owner.api.ask('POST', '/api/sessions/refresh')).status).toBe(401);
    });
  });

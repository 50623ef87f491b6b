// The WebSocket door: who is let in, what is refused, how sockets end.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { closeCodes, subprotocol } from '../../schemas/frames.ts';
import { limits } from '../../schemas/limits.ts';
import { RefusedError, Socket } from '../client/socket.ts';
import type { Target } from '../harness.ts';
import { Stage } from './stage.ts';

/** Enough to fill the buffers of both kernels and the server's own bound, many times. */
const floodText = 'flood '.repeat(2_500);
const floodCount = 1_200;

export const doors = (target: () => Target) =>
  describe('the socket`s door', () => {
    const stage = new Stage(target);
    const handshake = (origin?: string) =>
      Socket.open(stage.here, origin === undefined ? {} : { origin }).then(
        (socket) => {
          socket.kill();
          return 101;
        },
        (error: unknown) => {
          if (error instanceof RefusedError) return error.status;
          throw error;
        },
      );

    it('lets in pages of its own host and clients without an Origin, and refuses all others', async () => {
      const { host, port, hostname } = new URL(stage.here);
      expect(await handshake()).toBe(101);
      expect(await handshake(`http://${host}`)).toBe(101);
      for (const origin of [
        'https://evil.example',
        'null',
        `http://${hostname}:${Number(port) + 1}`,
        `http://${host}.evil.example`,
        `http://evil.example/${host}`,
      ])
        expect(await handshake(origin), `Origin: ${origin}`).toBe(403);
    });

    it('agrees on the subprotocol', async () => {
      const socket = await Socket.open(stage.here, { protocols: ['other', subprotocol] });
      expect(socket.raw.protocol).toBe(subprotocol);
      socket.kill();
    });

    it.concurrent('closes a socket that has not said who it is within 10 s, with 4401', async () => {
      const started = performance.now();
      const socket = await Socket.open(stage.here);
      const { code } = await socket.waitForClose(14_000);
      expect(code).toBe(closeCodes.notSignedIn);
      expect(performance.now() - started).toBeGreaterThan(8_500);
    });

    it('closes with 4401 for a token that is none, and does nothing before `connect`', async () => {
      const socket = await Socket.open(stage.here);
      socket.send({ type: 'message', ref: randomUUID(), conversationId: randomUUID(), content: 'x' });
      expect((await socket.waitFor('error')).code).toBe('not_signed_in');
      socket.send({ type: 'connect', token: 'rubbish' });
      expect((await socket.waitForClose()).code).toBe(closeCodes.notSignedIn);
    });

    it('takes a second `connect` as the renewal of the token, but not for another person', async () => {
      const { id, ann, bob } = await stage.pair();
      const { accessToken } = await ann.api.refresh();
      ann.socket.send({ type: 'connect', token: accessToken });
      await ann.socket.settle();
      const sent = await bob.say(id, 'still there?');
      await ann.sees(sent.id);
      expect(ann.socket.all('message').filter(({ message }) => message.id === sent.id)).toHaveLength(1);
      ann.socket.send({ type: 'connect', token: bob.token });
      expect((await ann.socket.waitForClose()).code).toBe(closeCodes.notSignedIn);
    });

    it('answers a bad frame with an error that names its ref where there is one, and the socket stays', async () => {
      const ann = await stage.online();
      const ref = randomUUID();
      const conversationId = randomUUID();
      const bad: [string, string][] = [
        ['not json', 'bad_frame'],
        ['[]', 'bad_frame'],
        ['null', 'bad_frame'],
        ['"text"', 'bad_frame'],
        ['{}', 'bad_frame'],
        ['{"type":"shout"}', 'bad_frame'],
        ['{"type":"__proto__"}', 'bad_frame'],
        [JSON.stringify({ type: 'message', conversationId, content: 'no ref' }), 'bad_frame'],
        [JSON.stringify({ type: 'message', ref: 'x', conversationId, content: 'x' }), 'invalid_input'],
        [JSON.stringify({ type: 'message', ref, conversationId, content: 7 }), 'invalid_input'],
        [JSON.stringify({ type: 'message', ref, conversationId, content: 'x', extra: 1 }), 'invalid_input'],
        [JSON.stringify({ type: 'typing', conversationId, userId: randomUUID() }), 'invalid_input'],
      ];
      for (const [text, code] of bad) {
        const from = ann.socket.frames.length;
        ann.socket.sendRaw(text);
        const error = await ann.socket.waitFor('error', () => true, { from });
        expect(error.code, text).toBe(code);
        if (text.includes(ref)) expect(error.ref).toBe(ref);
      }
      ann.socket.sendRaw(Buffer.from([1, 2, 3]));
      await ann.socket.settle();
      expect(ann.socket.closed).toBeNull();
    });

    it('closes with 4400 who goes on sending bad frames', async () => {
      const ann = await stage.online();
      for (let i = 0; i < 500; i++) ann.socket.sendRaw('rubbish');
      expect((await ann.socket.waitForClose()).code).toBe(closeCodes.abuse);
    });

    it('closes with 1009 for a frame over 64 KiB, and takes one just below', async () => {
      const ann = await stage.online();
      ann.socket.sendRaw(`"${'x'.repeat(limits.frameBytesMax - 2)}"`);
      expect((await ann.socket.waitFor('error')).code).toBe('bad_frame');
      expect(ann.socket.closed).toBeNull();
      ann.socket.sendRaw('x'.repeat(limits.frameBytesMax + 1));
      expect((await ann.socket.waitForClose()).code).toBe(closeCodes.tooLarge);
    });

    it('closes with 4408 who reads too slowly, keeps everybody else going, and loses nothing for the slow one', async () => {
      const { id, ann, bob } = await stage.pair();
      const { cursor } = bob.socket;
      const slow = bob.socket;
      slow.raw.pause();
      for (let sent = 0; sent < floodCount; sent += 40)
        await Promise.all(Array.from({ length: 40 }, (_, i) => ann.say(id, `${sent + i} ${floodText}`)));
      slow.raw.resume();
      const { code } = await slow.waitForClose(20_000);
      // The close frame itself may be lost in a full line.
      expect([closeCodes.tooSlow, 1006]).toContain(code);
      const socket = await bob.connect({ cursor: slow.cursor ?? cursor });
      const last = (await ann.api.history(id, { limit: 1 })).items[0];
      await bob.sees(last?.id ?? '', () => true, 30_000);
      const ids = new Set(
        [...slow.all('message'), ...socket.all('message')].map(({ message }) => message.id),
      );
      expect(ids.size).toBe(floodCount);
    });
  });

// Bytes after the handshake that no WebSocket library would send, and handshakes that are none.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schemas/limits.ts';
import { eventually } from '../client/eventually.ts';
import type { Scene } from './scene.ts';
import { Tcp } from './tcp.ts';

const version = 'sec-websocket-version: 13';
const key = `sec-websocket-key: ${Buffer.alloc(16, 7).toString('base64')}`;
const wish = ['connection: upgrade', 'upgrade: websocket'];
const handshake = (lines = [...wish, version, key], start = 'GET /ws HTTP/1.1'): string =>
  [start, 'host: chat.test', ...lines, '', ''].join('\r\n');

/** One frame as RFC 6455 draws it, masked with zeros. `said`: the length that it claims. */
const frame = (first: number, payload: Buffer, said: number | bigint = payload.length): Buffer => {
  const mask = Buffer.alloc(4);
  if (said < 126) return Buffer.concat([Buffer.from([first, 0x80 | Number(said)]), mask, payload]);
  if (said < 65_536) {
    const head = Buffer.from([first, 0x80 | 126, 0, 0]);
    head.writeUInt16BE(Number(said), 2);
    return Buffer.concat([head, mask, payload]);
  }
  const head = Buffer.concat([Buffer.from([first, 0x80 | 127]), Buffer.alloc(8)]);
  head.writeBigUInt64BE(BigInt(said), 2);
  return Buffer.concat([head, mask, payload]);
};
const [text, end, more] = [0x81, 0x80, 0x00];
const some = Buffer.from('{}');
const large = Buffer.alloc(limits.frameBytesMax / 2 + 1, 'a');
const codeOf = (code: number): Buffer => Buffer.from([code >> 8, code & 255]);

/** Each with the close codes that RFC 6455 gives it. */
const broken: Record<string, [bytes: Buffer, codes: number[]]> = {
  'a reserved bit': [frame(text | 0x40, some), [1002]],
  'another reserved bit': [frame(text | 0x10, some), [1002]],
  'a reserved opcode': [frame(0x83, some), [1002]],
  'a reserved control opcode': [frame(0x8b, some), [1002]],
  'no mask': [Buffer.concat([Buffer.from([text, 2]), some]), [1002]],
  'a control frame of 126 bytes': [frame(0x89, Buffer.alloc(126)), [1002]],
  'a control frame in parts': [frame(0x09, some), [1002]],
  'an end without beginning': [frame(end, some), [1002]],
  'a beginning inside another': [Buffer.concat([frame(0x01, some), frame(text, some)]), [1002]],
  'text that is no UTF-8': [frame(text, Buffer.from([0xff, 0xfe])), [1007]],
  'text with half a character': [frame(text, Buffer.from([0xed, 0xa0, 0x80])), [1007]],
  'a claim of 64 KiB and one byte': [frame(text, some, limits.frameBytesMax + 1), [1009]],
  'a claim of 4 GiB': [frame(text, some, 2 ** 32), [1009]],
  'a claim of 2^63': [frame(text, some, 2n ** 63n), [1002, 1009]],
  'parts that are too large together': [
    Buffer.concat([frame(0x01, large), frame(more, large), frame(end, some)]),
    [1009],
  ],
  'parts without end': [
    Buffer.concat([
      frame(0x01, some),
      ...Array.from({ length: 70_000 }, () => frame(more, Buffer.from('a'))),
    ]),
    [1008, 1009],
  ],
  'a close with one byte': [frame(0x88, Buffer.alloc(1)), [1002]],
  'a close with a code that nobody may send': [frame(0x88, codeOf(1005)), [1002]],
  'a close with a code out of range': [frame(0x88, codeOf(9_999)), [1002]],
  'a close whose reason is no UTF-8': [
    frame(0x88, Buffer.concat([codeOf(1000), Buffer.from([0xff])])),
    [1007],
  ],
};

const noHandshake: Record<string, string> = {
  'no key': handshake([...wish, version]),
  'a short key': handshake([...wish, version, 'sec-websocket-key: abc']),
  'no version': handshake([...wish, key]),
  'version 99': handshake([...wish, key, 'sec-websocket-version: 99']),
  POST: handshake([...wish, version, key, 'content-length: 0'], 'POST /ws HTTP/1.1'),
  'another address': handshake(undefined, 'GET /api/users HTTP/1.1'),
  'an address that is not there': handshake(undefined, 'GET /ws/../ws2 HTTP/1.1'),
  'a subprotocol of rubbish': handshake([...wish, version, key, 'sec-websocket-protocol: ,,"']),
  'a foreign origin': handshake([...wish, version, key, 'origin: https://evil.example']),
};

export const brokenWebSockets = (scene: () => Scene) =>
  describe('broken WebSockets', () => {
    const url = () => scene().server.url;
    const opened = async (): Promise<Tcp> => {
      const tcp = await Tcp.open(url());
      tcp.write(handshake());
      await eventually(() => tcp.text.includes('\r\n\r\n'), 'the answer to the handshake');
      expect(tcp.statuses).toEqual([101]);
      return tcp;
    };
    /** The code in the close frame that the server has sent. */
    const closeCodeOf = ({ bytes }: Tcp): number => {
      let at = bytes.indexOf('\r\n\r\n') + 4;
      while (at < bytes.length) {
        const length = bytes[at + 1] as number;
        const size = length === 126 ? bytes.readUInt16BE(at + 2) : length;
        const start = at + (length === 126 ? 4 : 2);
        if (bytes[at] === 0x88) return bytes.readUInt16BE(start);
        at = start + size;
      }
      return 0;
    };

    it.each(Object.entries(broken))(
      'are closed with the code that says why: %s',
      async (_, [bytes, codes]) => {
        const tcp = await opened();
        tcp.write(bytes);
        await tcp.closed(5_000);
        expect(codes).toContain(closeCodeOf(tcp));
      },
    );

    it.each(Object.entries(noHandshake))('are not opened by a handshake with %s', async (_, bytes) => {
      const tcp = await Tcp.ask(url(), bytes, 1_000);
      expect(tcp.statuses[0]).toBeGreaterThanOrEqual(400);
      expect(tcp.statuses[0]).toBeLessThan(500);
    });

    it('are only closed by random bytes', async () => {
      const sockets = await Promise.all(Array.from({ length: 100 }, opened));
      for (const tcp of sockets) tcp.write(randomBytes(2_000));
      await scene().witness.talks();
      // A length that was claimed and does not come ends with the time for saying who one is.
      for (const { socket } of sockets) socket.destroy();
    });

    it('may ping as often as they like, and answer nobody else later for it', async () => {
      const tcp = await opened();
      const ping = frame(0x89, Buffer.alloc(125));
      for (let i = 0; i < 100; i++) tcp.write(Buffer.concat(Array.from({ length: 200 }, () => ping)));
      await scene().witness.talks();
      tcp.socket.destroy();
    });
  });

// Files that are something else than they say, or far more, or never end: refused with a reason, or kept where they hurt
// nobody. All of them are made here.
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Media, Upload } from '../../schemas/media.ts';
import { eventually } from '../client/eventually.ts';
import { beginUpload, linkTo, openFile, tryUpload, upload } from '../client/files.ts';
import { Person } from '../client/person.ts';
import type { Scene } from './scene.ts';
import { Tcp } from './tcp.ts';

const script = '<script>fetch("/api/users").then(alert)</script>';
/** Bounds of the product: 30 s for a look at one file, and nothing waits here. */
const fileMs = 35_000;

const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const chunk = (type: string, data: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), named, u32(crc32(named))]);
};
const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');
/** One bit a pixel, all of them black: a few kilobytes for as many pixels as one likes. */
const png = (
  width: number,
  height: number,
  pixels = deflateSync(Buffer.alloc(((width >> 3) + 1) * height)),
) =>
  Buffer.concat([
    pngSignature,
    chunk('IHDR', Buffer.concat([u32(width), u32(height), Buffer.from([1, 0, 0, 0, 0])])),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
const gif = (width: number, height: number, rest = Buffer.from('2c000000000100010000020144003b', 'hex')) => {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  return Buffer.concat([Buffer.from('GIF89a'), size, Buffer.from('800000ffffff000000', 'hex'), rest]);
};
/** A frame of one pixel on a large screen, again and again. */
const gifOf = (frames: number, side: number): Buffer => {
  const frame = Buffer.from('21f904000100000000' + '2c00000000010001000002024401' + '00', 'hex');
  return gif(side, side, Buffer.concat([...Array.from({ length: frames }, () => frame), Buffer.from(';')]));
};
const zip = (name: string, bytes: Buffer, claimed: number): Buffer => {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(bytes.length, 18);
  head.writeUInt32LE(claimed, 22);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name, 'latin1'), bytes]);
};

export const hostileFiles = (scene: () => Scene) =>
  describe('hostile files', { timeout: 120_000 }, () => {
    let eve: Person;
    let photo: Buffer;
    beforeAll(async () => {
      eve = await Person.register(scene().server.url, 'eve');
      photo = await sharp({ create: { width: 80, height: 60, channels: 3, background: '#369' } })
        .jpeg()
        .toBuffer();
    });

    const answered = async (name: string, bytes: Uint8Array): Promise<string> => {
      const began = performance.now();
      const { status, body } = await tryUpload(eve.api, name, bytes);
      expect(performance.now() - began).toBeLessThan(fileMs);
      return status === 201 ? (body as Media).contentType : `${status} ${(body as { code: string }).code}`;
    };

    /** However it is asked for, a browser runs nothing of it. */
    const isHarmless = async (media: Media): Promise<void> => {
      const url = await linkTo(eve.api, media.id);
      const { headers, bytes, status } = await openFile(eve.api, url, { token: false });
      expect(status).toBe(200);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
      const type = headers.get('content-type') ?? '';
      if (headers.get('content-disposition')?.startsWith('inline')) {
        expect(type).toMatch(/^(image\/(png|jpeg|gif|webp)|video\/|audio\/)/);
        if (type.startsWith('image/')) expect(bytes.includes('<script')).toBe(false);
      } else expect(type).toMatch(/^application\/(octet-stream|pdf)$|^text\/plain/);
    };

    it('that are pictures and something else are only pictures afterwards', async () => {
      const comment = Buffer.concat([
        Buffer.from([0xff, 0xfe]),
        u32(script.length + 2).subarray(2),
        Buffer.from(script),
      ]);
      const polyglots: [string, Buffer][] = [
        ['page.html', Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2)])],
        ['app.js', Buffer.concat([photo, Buffer.from(script)])],
        ['a.zip', Buffer.concat([png(8, 8), zip('index.html', Buffer.from(script), script.length)])],
        ['a.svg', Buffer.concat([gif(1, 1), Buffer.from(script)])],
        [
          'a.phar',
          await sharp(photo)
            .withExif({ IFD0: { Copyright: script } })
            .webp()
            .toBuffer(),
        ],
      ];
      for (const [name, bytes] of polyglots) {
        const media = await upload(eve.api, name, bytes);
        expect([name, media.contentType]).toEqual([
          name,
          expect.stringMatching(/^image\/(jpeg|png|gif|webp)$/),
        ]);
        expect(media.name).toMatch(/\.(jpg|png|gif|webp)$/);
        await isHarmless(media);
      }
    });

    it('that run something are kept as they are, to be saved and never opened', async () => {
      const entities = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'a'.repeat(99)}">]><svg>&a;</svg>`;
      const active: [string, string | Buffer, string][] = [
        [
          'a.png',
          `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`,
          'image/svg+xml',
        ],
        ['a.svg', entities, 'image/svg+xml'],
        ['a.jpg', `<!doctype html>${script}`, 'text/html'],
        ['a.txt', `\ufeff  \n<html>${script}`, 'text/html'],
        [
          'a.pdf',
          `%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj`,
          'application/pdf',
        ],
        ['photo.jpg', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200, 7)]), 'application/x-msdownload'],
        ['a.docx', zip('bomb', deflateSync(Buffer.alloc(1_000_000)), 0xffffffff), 'application/zip'],
        ['a.jpg', Buffer.alloc(1000, 0xfe), 'application/octet-stream'],
        ['a.png', 'no picture at all', 'text/plain'],
      ];
      for (const [name, bytes, type] of active) {
        const media = await upload(eve.api, name, Buffer.from(bytes as string));
        expect([name, media.contentType, media.width]).toEqual([name, type, null]);
        await isHarmless(media);
        const variant = await openFile(eve.api, `/api/media/${media.id}?variant=preview`);
        expect(variant.status).toBe(404);
      }
    });

    it('that are bombs are refused before they go off, and the server stays small', async () => {
      const pid = scene().server.process.pid;
      const memory = () =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
      const before = memory();
      const header = Buffer.from(photo);
      // Where a JPEG says how large it is.
      const at = header.indexOf(Buffer.from([0xff, 0xc0]));
      header.writeUInt16BE(65_500, at + 5);
      header.writeUInt16BE(65_500, at + 7);
      const bombs: [string, Buffer][] = [
        ['square.png', png(30_000, 30_000)],
        ['tall.png', png(8, 0x7fff_fff0, deflateSync(Buffer.alloc(100)))],
        ['lies.jpg', header],
        ['screen.gif', gif(65_535, 65_535)],
        ['film.gif', gifOf(5_000, 2_000)],
        ['inflates.png', png(16, 16, deflateSync(Buffer.alloc(200_000_000)))],
      ];
      for (const [name, bytes] of bombs) {
        const answer = await answered(name, bytes);
        // What claims more than there is may be shown as the little that it is.
        const isFine =
          ['inflates.png', 'screen.gif'].includes(name) ||
          /^422 (unsupported_media|broken_image)$/.test(answer);
        expect([name, answer, isFine]).toEqual([name, answer, true]);
        await scene().witness.talks();
      }
      expect(memory() - before).toBeLessThan(300);
    });

    it('that are cut off or empty are refused', async () => {
      const whole = await sharp({
        create: {
          width: 900,
          height: 900,
          channels: 3,
          background: '#fff',
          noise: { type: 'gaussian', mean: 99, sigma: 40 },
        },
      })
        .png()
        .toBuffer();
      expect(await answered('half.png', whole.subarray(0, whole.length / 2))).toBe('422 broken_image');
      expect(await answered('head.png', pngSignature)).toMatch(/^422 broken_image$|^image|^application/);
      expect(await answered('head.jpg', photo.subarray(0, 20))).toBe('422 broken_image');
      expect(await answered('nothing.png', new Uint8Array())).toBe('422 empty_file');
    });

    it('have names that lead nowhere and say nothing wrong', async () => {
      const names = [
        '../../../../etc/cron.d/x',
        '..\\..\\windows\\x.exe',
        'a\u0000.png.exe',
        'gpj.\u202eexe.scr',
        'a"; filename="b.html',
        'x\r\nset-cookie: a=b\r\n\r\n<html>',
        'ế'.repeat(4096),
        '.',
        '\u200b\u200b',
      ];
      for (const name of names) {
        const media = await upload(eve.api, name, Buffer.from('words'));
        expect(media.name).not.toMatch(/[\p{Cc}\p{Cf}/\\:"<>|?*]/u);
        expect(media.name.length).toBeGreaterThan(0);
        expect([...media.name].length).toBeLessThanOrEqual(200);
        const { headers } = await openFile(eve.api, `/api/media/${media.id}`);
        expect(headers.get('set-cookie')).toBeNull();
        expect(headers.get('content-disposition')).toMatch(
          /^attachment; filename="[^"\\]+"; filename\*=UTF-8''\S+$/,
        );
        await isHarmless(media);
      }
    });

    it('are bodies that break the form, and answered as such', async () => {
      const ask = async (type: string, body: string) => {
        const { status } = await eve.api.ask('POST', '/api/media', {
          raw: body,
          headers: { 'content-type': type },
        });
        return status;
      };
      const form = 'multipart/form-data; boundary=x';
      const part = (name: string) =>
        `--x\r\ncontent-disposition: form-data; name="${name}"; filename="a"\r\n\r\nabc\r\n`;
      expect(await ask('application/json', '{}')).toBe(415);
      expect(await ask('multipart/form-data', 'x')).toBe(400);
      expect(await ask(form, '')).toBe(400);
      expect(await ask(form, 'no form')).toBe(400);
      expect(await ask(form, part('file'))).toBe(400);
      expect(await ask(form, `${part('other')}--x--`)).toBe(400);
      expect(await ask(form, `${part('__proto__')}--x--`)).toBe(400);
      expect(
        await ask(
          form,
          `--x\r\ncontent-disposition: form-data; name="${'n'.repeat(100_000)}"\r\n\r\na\r\n--x--`,
        ),
      ).toBe(400);
      expect(await ask(form, `${part('file')}--x--`)).toBe(201);
    });

    it('are parts that are too long, too short, or of another upload', async () => {
      const begun = await beginUpload(eve.api, 'x', 1000);
      const [part] = begun.parts as [Upload['parts'][number]];
      const put = async (url: string, bytes: number) => {
        const body = Buffer.alloc(bytes) as unknown as Uint8Array<ArrayBuffer>;
        return (await fetch(new URL(url, eve.api.baseUrl), { method: 'PUT', body })).status;
      };
      const asJson = {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: 'x'.repeat(1000),
      };
      const [named] = (await beginUpload(eve.api, 'a.json', 1000)).parts as [Upload['parts'][number]];
      expect((await fetch(new URL(named.url, eve.api.baseUrl), asJson)).status).toBe(204);
      expect(await put(part.url, 999)).toBe(400);
      expect(await put(part.url, 1001)).toBe(400);
      expect(await put(part.url, 0)).toBe(400);
      expect(await put(part.url.replace('/1?', '/2?'), 1000)).toBe(403);
      expect(await put(part.url.replace(/e=\d+/, 'e=99999999999'), 1000)).toBe(403);
      expect(await put(part.url.replace(/uploads\/[^/]+/, `uploads/${crypto.randomUUID()}`), 1000)).toBe(403);
      expect(await put(part.url.replace(/uploads\/[^/]+/, 'uploads/..%2f..%2fx'), 1000)).toBe(400);
      expect((await eve.api.ask('POST', `/api/media/uploads/${begun.id}/complete`)).status).toBe(409);
    });

    it('that never end, end at the bound, and the one who sends them gets to know it', async () => {
      const head = [
        'POST /api/media HTTP/1.1',
        'host: x',
        `authorization: Bearer ${eve.token}`,
        'content-type: multipart/form-data; boundary=x',
        'transfer-encoding: chunked',
        '',
        '',
      ].join('\r\n');
      const tcp = await Tcp.open(scene().server.url);
      const put = (bytes: Buffer) => {
        tcp.write(
          Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
        );
      };
      tcp.write(head);
      put(Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="endless"\r\n\r\n'));
      const block = Buffer.alloc(1024 * 1024, 7);
      for (let sent = 0; sent < 110 && tcp.statuses.length === 0; sent++) {
        put(block);
        await eventually(() => tcp.isClosed || !tcp.socket.writableNeedDrain, 'the server reads', 20_000);
      }
      await expect.poll(() => tcp.statuses, { timeout: 20_000 }).toEqual([413]);
      // Who goes on is not listened to for long.
      const goesOn = setInterval(() => put(Buffer.alloc(10)), 500);
      await tcp.closed(20_000).finally(() => clearInterval(goesOn));
      await scene().witness.talks();
    });
  });

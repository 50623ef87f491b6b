// What every store of files must do, whatever it is made of.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Blobs, ByteRange } from './port.ts';

const partBytes = 5 * 1024 * 1024;

export const blobsContract = (open: () => Blobs): void => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-blobs-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const file = (bytes: Uint8Array): string => {
    const path = join(dir, randomUUID());
    writeFileSync(path, bytes);
    return path;
  };
  const read = async (id: string, range?: ByteRange): Promise<Buffer | null> => {
    const bytes = await open().get(id, 'original', range);
    if (!bytes) return null;
    const chunks: Buffer[] = [];
    for await (const chunk of bytes.stream) chunks.push(chunk as Buffer);
    const whole = Buffer.concat(chunks);
    expect(whole.length).toBe(bytes.size);
    return whole;
  };

  describe('a file', () => {
    it('is read as it was put, whole and in ranges, and replaced by another', async () => {
      const id = randomUUID();
      const bytes = randomBytes(100_000);
      await open().put(id, 'original', file(bytes));
      expect(await read(id)).toEqual(bytes);
      expect(await read(id, { start: 0, end: 0 })).toEqual(bytes.subarray(0, 1));
      expect(await read(id, { start: 99_990, end: 99_999 })).toEqual(bytes.subarray(99_990));
      await open().put(id, 'original', file(Buffer.from('other')));
      expect(String(await read(id))).toBe('other');
    });

    it('has parts of its own, and may be empty', async () => {
      const id = randomUUID();
      await open().put(id, 'original', file(Buffer.alloc(0)));
      await open().put(id, 'thumb', file(Buffer.from('small')));
      expect(await read(id)).toEqual(Buffer.alloc(0));
      expect((await open().get(id, 'thumb'))?.size).toBe(5);
      expect(await open().get(id, 'preview')).toBeNull();
    });

    it('is gone with everything made of it when it is removed, and may be removed again', async () => {
      const id = randomUUID();
      for (const part of ['original', 'thumb', 'preview'] as const)
        await open().put(id, part, file(Buffer.from(part)));
      await open().remove(id);
      for (const part of ['original', 'thumb', 'preview'] as const)
        expect(await open().get(id, part)).toBeNull();
      await open().remove(id);
      expect(await open().get(randomUUID(), 'original')).toBeNull();
    });

    it('has no name that leads elsewhere', async () => {
      for (const id of ['../../etc/passwd', '', '.', 'a/b', `${randomUUID()}/x`, `${randomUUID()}\0`]) {
        await expect(open().get(id, 'original')).rejects.toThrow('UUID');
        await expect(open().put(id, 'original', file(Buffer.from('x')))).rejects.toThrow('UUID');
        await expect(open().remove(id)).rejects.toThrow('UUID');
        await expect(open().begin(id)).rejects.toThrow('UUID');
      }
    });
  });

  describe('an upload in parts', () => {
    const first = randomBytes(partBytes);
    const second = randomBytes(1000);
    const wanted = [
      { number: 1, size: first.length },
      { number: 2, size: second.length },
    ];

    it('takes parts in any order and again, says what is there, and becomes one file', async () => {
      const id = randomUUID();
      const upload = await open().begin(id);
      expect(await open().parts(id, upload)).toEqual([]);
      expect(await open().putPart(id, upload, 2, file(second))).toBe(true);
      expect(await open().complete(id, upload, wanted)).toBe(false);
      expect(await open().putPart(id, upload, 1, file(randomBytes(partBytes)))).toBe(true);
      expect(await open().putPart(id, upload, 1, file(first))).toBe(true);
      expect(await open().parts(id, upload)).toEqual(wanted);
      expect(await open().get(id, 'original')).toBeNull();
      expect(await open().complete(id, upload, wanted)).toBe(true);
      expect((await read(id))?.equals(Buffer.concat([first, second]))).toBe(true);
      expect(await open().parts(id, upload)).toBeNull();
      expect(await open().putPart(id, upload, 1, file(first))).toBe(false);
      expect(await open().complete(id, upload, wanted)).toBe(false);
    });

    it('takes no part after it was removed, and leaves nothing', async () => {
      const id = randomUUID();
      const upload = await open().begin(id);
      await open().putPart(id, upload, 1, file(second));
      await open().remove(id);
      expect(await open().parts(id, upload)).toBeNull();
      expect(await open().putPart(id, upload, 1, file(second))).toBe(false);
      expect(await open().complete(id, upload, [{ number: 1, size: second.length }])).toBe(false);
      expect(await open().get(id, 'original')).toBeNull();
    });
  });
};

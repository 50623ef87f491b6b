// Where a file lies while it comes in: on this machine's disk, so that memory holds a few kilobytes of it, whatever its size.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { OutsideError, reasonOf } from '../errors.ts';
import type { Spool, Spooled } from './port.ts';

export const openSpool = ({ dir }: { dir: string }): Spool => {
  mkdirSync(dir, { recursive: true });
  const place = () => join(dir, randomUUID());
  const discard = async (...paths: string[]) => {
    for (const path of paths) await rm(path, { force: true });
  };

  const written = async (
    stream: Readable,
    path: string,
    bytesMax: number,
    idleMs: number,
  ): Promise<Spooled | 'too_large' | 'cut_off'> => {
    const file = await onDisk(() => open(path, 'wx', 0o600));
    const hash = createHash('sha256');
    let size = 0;
    // Somebody who says nothing holds a file and a connection.
    const idle = setTimeout(() => stream.destroy(new Error('nothing came')), idleMs);
    try {
      // Not destroyed when there is too much: whoever sent it is to get an answer.
      for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
        idle.refresh();
        size += chunk.length;
        if (size > bytesMax) return 'too_large';
        hash.update(chunk);
        await onDisk(() => writeWhole(file, chunk));
      }
      return { path, size, sha256: hash.digest('hex') };
    } catch (error) {
      if (error instanceof OutsideError) throw error;
      return 'cut_off';
    } finally {
      clearTimeout(idle);
      await file.close();
    }
  };
  const onDisk = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const message = `A file that comes in cannot be written to ${dir}: ${reasonOf(error)}`;
      throw new OutsideError('spool_failed', 'later', message, error);
    }
  };

  return {
    place,
    measure: (path) =>
      onDisk(async () => {
        const hash = createHash('sha256');
        let size = 0;
        for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
          size += chunk.length;
          hash.update(chunk);
        }
        return { path, size, sha256: hash.digest('hex') };
      }),
    discard,
    take: async (stream, { bytesMax, idleMs }) => {
      const path = place();
      let taken: Spooled | 'too_large' | 'cut_off' | undefined;
      try {
        taken = await written(stream, path, bytesMax, idleMs);
        return taken;
      } finally {
        if (typeof taken !== 'object') await discard(path);
      }
    },
    sweep: async (olderThanMs) => {
      for (const name of await readdir(dir)) {
        const path = join(dir, name);
        const found = await stat(path).catch(() => null);
        if (found && Date.now() - found.mtimeMs > olderThanMs) await discard(path);
      }
    },
  };
};

const writeWhole = async (file: FileHandle, chunk: Uint8Array): Promise<void> => {
  for (let from = 0; from < chunk.length; )
    from += (await file.write(chunk, from, chunk.length - from)).bytesWritten;
};

// Files in a folder. A file appears under its name when all of it is on the disk, and names are made of ids alone.
import { createReadStream, mkdirSync } from 'node:fs';
import { access, copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isId } from '../../schemas/values.ts';
import { OutsideError, reasonOf } from '../errors.ts';
import type { BlobPart, Blobs, StoredPart } from './port.ts';

const partName = /^[1-9]\d{0,4}$/;
const ignoreMissing = (error: unknown): null => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
};

export const openFolder = ({ dir }: { dir: string }): Blobs => {
  const objects = join(dir, 'objects');
  const uploads = join(dir, 'uploads');
  try {
    for (const folder of [objects, uploads]) mkdirSync(folder, { recursive: true });
  } catch (error) {
    const message = `Cannot make the folder of files ${dir}: ${reasonOf(error)}`;
    throw new OutsideError('media_folder_failed', 'never', message, error);
  }

  /** What fails on the disk may work again when somebody has made room. */
  const onDisk = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof OutsideError) throw error;
      const message = `The folder of files ${dir} fails: ${reasonOf(error)}`;
      throw new OutsideError('media_folder_failed', 'later', message, error);
    }
  };
  const own = (id: string): string => {
    if (!isId(id)) throw new Error('a file is named by a UUID');
    return id.toLowerCase();
  };
  const homeOf = (id: string): string => join(objects, own(id).slice(0, 2), own(id));
  const uploadOf = (id: string): string => join(uploads, own(id));

  return {
    directOrigin: null,

    put: (id, part, path) =>
      onDisk(async () => {
        const home = homeOf(id);
        await mkdir(home, { recursive: true });
        await moveInto(path, home, part);
        await synced(join(home, '..'));
        await synced(objects);
      }),

    get: (id, part, range) =>
      onDisk(async () => {
        const path = join(homeOf(id), part);
        const found = await stat(path).catch(ignoreMissing);
        if (!found) return null;
        const { size } = found;
        return {
          size: range ? range.end - range.start + 1 : size,
          stream: createReadStream(path, range ?? {}),
        };
      }),

    remove: (id) =>
      onDisk(async () => {
        await rm(homeOf(id), { recursive: true, force: true });
        await rm(uploadOf(id), { recursive: true, force: true });
      }),

    begin: (id) =>
      onDisk(async () => {
        await mkdir(uploadOf(id), { recursive: true });
        await synced(uploads);
        return own(id);
      }),
    partUrl: async () => null,
    putPart: (id, _upload, number, path) =>
      onDisk(async () => {
        const home = uploadOf(id);
        if (!(await isThere(home))) return false;
        await moveInto(path, home, String(number));
        return true;
      }),
    parts: (id) => onDisk(() => partsIn(uploadOf(id))),

    complete: (id, _upload, wanted) =>
      onDisk(async () => {
        const from = uploadOf(id);
        const there = new Map((await partsIn(from))?.map(({ number, size }) => [number, size]));
        if (wanted.length === 0 || wanted.some(({ number, size }) => there.get(number) !== size))
          return false;
        const home = homeOf(id);
        await mkdir(home, { recursive: true });
        const whole = join(from, 'whole');
        await writeFile(whole, '');
        for (const { number } of wanted)
          await pipeline(createReadStream(join(from, String(number))), appendTo(whole));
        await moveInto(whole, home, 'original');
        await synced(join(home, '..'));
        await rm(from, { recursive: true, force: true });
        return true;
      }),

    ping: () => onDisk(() => access(objects)),
    close: async () => {},
  };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const partsIn = async (folder: string): Promise<StoredPart[] | null> => {
  const names = await readdir(folder).catch(ignoreMissing);
  if (!names) return null;
  const parts: StoredPart[] = [];
  for (const name of names.filter((each) => partName.test(each))) {
    const found = await stat(join(folder, name)).catch(ignoreMissing);
    if (found) parts.push({ number: Number(name), size: found.size });
  }
  return parts.sort((a, b) => a.number - b.number);
};

/** One file after the other; what is read is small, so is what is held. */
const appendTo = (path: string) =>
  async function append(source: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await open(path, 'a');
    try {
      for await (const chunk of source)
        for (let from = 0; from < chunk.length; )
          from += (await file.write(chunk, from, chunk.length - from)).bytesWritten;
    } finally {
      await file.close();
    }
  };

const synced = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/** On the disk first, then under its name, and the name on the disk too. From another disk it is copied. */
const moveInto = async (path: string, home: string, name: BlobPart | string): Promise<void> => {
  await synced(path);
  const target = join(home, name);
  try {
    await rename(path, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const near = `${target}.coming`;
    await copyFile(path, near);
    await synced(near);
    await rename(near, target);
  }
  await synced(home);
};

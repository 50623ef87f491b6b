// Where an export goes: standard output, or a file that has its name only once it is whole. Gzipped by its name.
import { once } from 'node:events';
import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { UsageError } from '../arguments.ts';
import { dieWithPipe } from '../terminal.ts';

export interface Output {
  /** No faster than it is taken. */
  write(text: string): Promise<void>;
  /** Whole and on disk when it resolves. */
  done(): Promise<void>;
  /** Nothing of it stays. */
  abandon(): void;
}

const gathered = 64 * 1024;

/** Text is handed on in larger pieces; errors of the streams behind come out of `write`. */
class Pieces {
  readonly #first: Writable;
  #text = '';
  #error: Error | null = null;

  constructor(...streams: Writable[]) {
    this.#first = streams[0] as Writable;
    for (const stream of streams)
      stream.on('error', (error: Error) => {
        this.#error ??= error;
        this.#first.emit('drain');
      });
  }

  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= gathered) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#error) throw this.#error;
    const text = this.#text;
    this.#text = '';
    if (text && !this.#first.write(text)) await once(this.#first, 'drain');
    if (this.#error) throw this.#error;
  }
}

export const standardOutput = (): Output => {
  dieWithPipe(process.stdout);
  const pieces = new Pieces(process.stdout);
  return { write: (text) => pieces.write(text), done: () => pieces.flush(), abandon: () => undefined };
};

export const fileOutput = (file: string, force: boolean): Output => {
  if (existsSync(file) && !force)
    throw new UsageError(`${file} is there already. Name another file, or add --force.`);
  if (!existsSync(dirname(file))) throw new UsageError(`There is no folder ${dirname(file)}.`);
  const part = `${file}.part-${process.pid}`;
  const target = createWriteStream(part, { flags: 'wx', mode: 0o600 });
  const gzip = file.endsWith('.gz') ? createGzip() : null;
  gzip?.pipe(target);
  const pieces = gzip ? new Pieces(gzip, target) : new Pieces(target);
  const abandon = () => {
    target.destroy();
    rmSync(part, { force: true });
  };
  return {
    write: (text) => pieces.write(text),
    done: async () => {
      await pieces.flush();
      (gzip ?? target).end();
      await finished(target);
      await synced(part);
      await rename(part, file);
      await synced(dirname(file));
    },
    abandon,
  };
};

const synced = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
};

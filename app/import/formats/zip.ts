// A zip file as a table of names: entries are read by name and never written anywhere, so that a name is only a name; what
// would unpack to more than it may is refused before and while it is read.
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { isObject } from './lines.ts';
import { BadSource } from './source.ts';

const entriesMax = 200_000;
const jsonBytesMax = 64_000_000;
const streamedBytesMax = 20_000_000_000;
/** Text shrinks to a twentieth; what shrinks to a thousandth is made to hurt. */
const ratioMax = 200;
const ratioFromBytes = 10_000_000;

export class Zip {
  readonly #zip: ZipFile;
  readonly #entries: Map<string, Entry>;

  private constructor(zip: ZipFile, entries: Map<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  static async open(file: string): Promise<Zip> {
    const zip = await new Promise<ZipFile>((resolve, reject) => {
      yauzl.open(file, { lazyEntries: true, autoClose: false }, (error, opened) =>
        error
          ? reject(new BadSource(`it is no zip file that can be read (${error.message})`))
          : resolve(opened),
      );
    });
    try {
      return new Zip(zip, await entriesOf(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  async stream(name: string, bytesMax = streamedBytesMax): Promise<AsyncIterable<Uint8Array>> {
    const entry = this.#entries.get(name);
    if (!entry) throw new BadSource(`there is no ${name} in it`);
    if (entry.uncompressedSize > bytesMax)
      throw new BadSource(`${name} would unpack to ${entry.uncompressedSize} bytes, which is too much`);
    if (entry.uncompressedSize > ratioFromBytes && entry.uncompressedSize > entry.compressedSize * ratioMax)
      throw new BadSource(`${name} would unpack to far more than it is: that is no export`);
    return new Promise((resolve, reject) => {
      this.#zip.openReadStream(entry, (error, stream) =>
        error ? reject(new BadSource(`${name}: ${error.message}`)) : resolve(stream),
      );
    });
  }

  /** The objects of a JSON list; nothing when there is no such file. */
  async objects(name: string): Promise<Record<string, unknown>[]> {
    if (!this.has(name)) return [];
    const parts: Uint8Array[] = [];
    for await (const part of await this.stream(name, jsonBytesMax)) parts.push(part);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
    } catch (error) {
      throw new BadSource(`${name} is not JSON in UTF-8 (${(error as Error).message.slice(0, 100)})`);
    }
    if (!Array.isArray(value) || !value.every(isObject))
      throw new BadSource(`${name} is not a list of objects`);
    return value;
  }

  close(): void {
    this.#zip.close();
  }
}

const entriesOf = (zip: ZipFile): Promise<Map<string, Entry>> =>
  new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry);
      if (entries.size > entriesMax) reject(new BadSource(`it has more than ${entriesMax} files`));
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(new BadSource(error.message)));
    zip.readEntry();
  });

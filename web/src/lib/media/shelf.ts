// Files that wait to be uploaded, kept so that a reload does not lose them: in a database of their own, since they are large
// and nobody's history. What cannot be kept lives as long as the page, and the person is told.
import { deleteDB, type IDBPDatabase, openDB } from 'idb';

/** `file` is null where it was too large to be kept: then it can be chosen once more, and the upload goes on. */
export type Shelved = {
  key: string;
  file: Blob | null;
  name: string;
  size: number;
  uploadId: string | null;
  at: number;
};

const fileMax = 25_000_000;
const allMax = 100_000_000;
const keptMs = 7 * 24 * 3_600_000;
const store = 'files';
const databaseOf = (userId: string) => `chatvui.files.${userId}`;

export const canKeep = (size: number): boolean => size <= fileMax;

export class Shelf {
  readonly #userId: string;
  #opened: Promise<IDBPDatabase | null> | null = null;

  constructor(userId: string) {
    this.#userId = userId;
  }

  /** Whether the file itself is kept. */
  async put(one: Omit<Shelved, 'file'>, file: Blob): Promise<boolean> {
    const isRoom = canKeep(file.size) && (await this.#bytes()) + file.size <= allMax;
    const isKept = isRoom && (await this.#write({ ...one, file }));
    if (!isKept) await this.#write({ ...one, file: null });
    return isKept;
  }

  async get(key: string): Promise<Shelved | null> {
    return (await this.#try(async (db) => (await db.get(store, key)) as Shelved | undefined)) ?? null;
  }

  /** The server has begun to take it in parts. */
  async began(key: string, uploadId: string): Promise<void> {
    const known = await this.get(key);
    if (known) await this.#write({ ...known, uploadId });
  }

  async remove(key: string): Promise<void> {
    await this.#try((db) => db.delete(store, key));
  }

  /** Lets go of what nobody came back for. */
  async tidy(now: number): Promise<void> {
    for (const { key, at } of await this.#all()) if (now - at > keptMs) await this.remove(key);
  }

  close(): void {
    void this.#opened?.then((db) => db?.close());
    this.#opened = null;
  }

  async #all(): Promise<Shelved[]> {
    return (await this.#try(async (db) => (await db.getAll(store)) as Shelved[])) ?? [];
  }

  async #bytes(): Promise<number> {
    return (await this.#all()).reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
  }

  async #write(one: Shelved): Promise<boolean> {
    return (await this.#try(async (db) => (await db.put(store, one)) === one.key)) ?? false;
  }

  /** A browser without a database, or a full disk: then nothing is kept, and that is an answer. */
  async #try<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T | undefined> {
    try {
      this.#opened ??= openDB(databaseOf(this.#userId), 1, {
        upgrade: (db) => void db.createObjectStore(store, { keyPath: 'key' }),
        // A sign-out in another tab wants it gone.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      }).catch(() => null);
      const db = await this.#opened;
      return db ? await work(db) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Nothing of this person stays. */
export const wipeShelf = (userId: string): void => {
  if (typeof indexedDB !== 'undefined') void deleteDB(databaseOf(userId)).catch(() => undefined);
};

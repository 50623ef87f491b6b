// What one person's browser keeps between visits, in a database of their own: conversations, people, the newest messages,
// and the cursor that they reach up to. Rows and cursor are written in one transaction, so the cursor never covers what
// is not there. Whatever is of another version, of another writer or damaged counts as nothing: the server has it all.
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import type { PersonalSnapshot } from '../personal.svelte.ts';
import type { Conversation, Message, User } from '../protocol.ts';

/** Another number: what a browser has kept before is thrown away. */
export const storeVersion = 1;
/** A database that does not open in this time (a damaged profile, a browser that forbids it) is done without. */
const openWithinMs = 2_000;

/** The kept messages of one conversation: unbroken, and up to the newest that the cursor covers. */
export type Stretch = {
  conversationId: string;
  first: string;
  last: string;
  isAtStart: boolean;
  count: number;
  /** Roughly, in memory and on disk. */
  bytes: number;
  usedAt: number;
};

export type About = {
  user: User;
  cursor: string;
  /** False: conversations may be missing, so the list is to be loaded again. */
  isListWhole: boolean;
  personal: PersonalSnapshot;
  /** The one tab that may write. */
  writer: string;
};

export type Kept = { about: About; conversations: Conversation[]; people: User[] };

export type Writing = {
  about: About;
  conversations: readonly Conversation[];
  goneConversations: readonly string[];
  people: readonly User[];
  messages: readonly Message[];
  /** Set as they are after the messages were put. */
  stretches: readonly Stretch[];
  /** With all their messages. */
  goneStretches: readonly string[];
};

interface Schema extends DBSchema {
  about: { key: 'about'; value: About };
  conversations: { key: string; value: Conversation };
  people: { key: string; value: User };
  stretches: { key: string; value: Stretch };
  messages: { key: MessageKey; value: Message };
}
/** The conversation, then the position as it is ordered: the longer or the greater text comes later. */
type MessageKey = [conversationId: string, length: number, position: string];

const names = ['about', 'conversations', 'people', 'stretches', 'messages'] as const;
const databaseOf = (userId: string): string => `chatvui.${userId}`;
const keyOf = (conversationId: string, position: string): MessageKey => [
  conversationId,
  position.length,
  position,
];
const whole = (conversationId: string): IDBKeyRange =>
  IDBKeyRange.bound([conversationId], [conversationId, []]);

export class LocalStore {
  readonly userId: string;
  readonly #db: IDBPDatabase<Schema>;
  isOpen = true;

  /** Use `open`. `ended`: another tab or the browser has closed the database. */
  constructor(userId: string, db: IDBPDatabase<Schema>, ended: Promise<void>) {
    this.userId = userId;
    this.#db = db;
    void ended.then(() => {
      this.isOpen = false;
    });
  }

  /** Null: this browser keeps nothing, or not now. Never throws. */
  static async open(userId: string): Promise<LocalStore | null> {
    if (typeof indexedDB === 'undefined') return null;
    return (await attempt(() => connect(userId))) ?? null;
  }

  /** Everything but messages, as of one moment; null when nothing usable is there. */
  async start(): Promise<Kept | null> {
    return (
      (await attempt(async () => {
        const tx = this.#db.transaction(['about', 'conversations', 'people']);
        const [about, conversations, people] = await Promise.all([
          tx.objectStore('about').get('about'),
          tx.objectStore('conversations').getAll(),
          tx.objectStore('people').getAll(),
        ]);
        const isSound =
          isAbout(about, this.userId) && conversations.every(isConversation) && people.every(isUser);
        return isSound ? { about, conversations, people } : null;
      })) ?? null
    );
  }

  async stretches(): Promise<Stretch[]> {
    return (await attempt(() => this.#db.getAll('stretches'))) ?? [];
  }

  /**
   * The last `limit` kept messages before a position (or at the end), oldest first; null when none are kept there.
   * `isAtStart`: the first of them is the first of the conversation.
   */
  async messages(
    conversationId: string,
    limit: number,
    before?: string,
  ): Promise<{ rows: Message[]; isAtStart: boolean } | null> {
    const found = await attempt(async () => {
      const tx = this.#db.transaction(['stretches', 'messages']);
      const stretch = await tx.objectStore('stretches').get(conversationId);
      if (!stretch) return null;
      const upper: MessageKey | [string, never[]] =
        before === undefined ? [conversationId, []] : keyOf(conversationId, before);
      const range = IDBKeyRange.bound(keyOf(conversationId, stretch.first), upper, false, true);
      const rows: Message[] = [];
      let at = await tx.objectStore('messages').openCursor(range, 'prev');
      while (at && rows.length < limit) {
        rows.push(at.value);
        at = await at.continue();
      }
      return { rows: rows.reverse(), isAtStart: stretch.isAtStart && at === null };
    });
    return found && found.rows.length > 0 && found.rows.every(isMessage) ? found : null;
  }

  /** All kept messages, in no particular order; their number is bounded by what is kept. */
  async allMessages(): Promise<Message[]> {
    return (await attempt(() => this.#db.getAll('messages'))) ?? [];
  }

  /** Takes the pen: what another tab still wants to write is refused from now on. Null: nothing usable is there. */
  async claim(writer: string): Promise<About | null> {
    return (
      (await attempt(async () => {
        const tx = this.#db.transaction('about', 'readwrite');
        const about = await tx.store.get('about');
        if (!isAbout(about, this.userId)) return null;
        await tx.store.put({ ...about, writer }, 'about');
        await tx.done;
        return about;
      })) ?? null
    );
  }

  /** Nothing kept; `about` is the beginning of something new. */
  async begin(about: About): Promise<boolean> {
    const isDone = await attempt(async () => {
      const tx = this.#db.transaction(names, 'readwrite');
      await Promise.all(names.map((name) => tx.objectStore(name).clear()));
      await tx.objectStore('about').put(about, 'about');
      await tx.done;
      return true;
    });
    return isDone ?? false;
  }

  /** All or nothing. `lost`: another tab has the pen, or the person has signed out. */
  async write(writing: Writing): Promise<'written' | 'lost' | 'failed'> {
    const outcome = await attempt(async () => {
      const tx = this.#db.transaction(names, 'readwrite', { durability: 'relaxed' });
      const now = await tx.objectStore('about').get('about');
      if (now?.writer !== writing.about.writer) {
        tx.abort();
        await tx.done.catch(() => undefined);
        return 'lost' as const;
      }
      const messages = tx.objectStore('messages');
      for (const id of [...writing.goneConversations, ...writing.goneStretches]) {
        void tx.objectStore('stretches').delete(id);
        void messages.delete(whole(id));
      }
      for (const id of writing.goneConversations) void tx.objectStore('conversations').delete(id);
      for (const one of writing.conversations) void tx.objectStore('conversations').put(one, one.id);
      for (const one of writing.people) void tx.objectStore('people').put(one, one.id);
      for (const one of writing.messages) void messages.put(one, keyOf(one.conversationId, one.position));
      for (const one of writing.stretches) void tx.objectStore('stretches').put(one, one.conversationId);
      void tx.objectStore('about').put(writing.about, 'about');
      await tx.done;
      return 'written' as const;
    });
    return outcome ?? 'failed';
  }

  /** Lets go of all but the newest `keep` messages; the stretch as it is then. */
  async shorten(stretch: Stretch, keep: number): Promise<Stretch | null> {
    const { conversationId } = stretch;
    const kept = await this.messages(conversationId, keep);
    const first = kept?.rows[0];
    if (!kept || !first) return null;
    const shorter: Stretch = {
      ...stretch,
      first: first.position,
      isAtStart: kept.isAtStart,
      count: kept.rows.length,
      bytes: kept.rows.reduce((sum, row) => sum + bytesOf(row), 0),
    };
    const isDone = await attempt(async () => {
      const tx = this.#db.transaction(['stretches', 'messages'], 'readwrite');
      const before = IDBKeyRange.bound([conversationId], keyOf(conversationId, first.position), false, true);
      await tx.objectStore('messages').delete(before);
      await tx.objectStore('stretches').put(shorter, conversationId);
      await tx.done;
      return true;
    });
    return isDone ? shorter : null;
  }

  close(): void {
    this.isOpen = false;
    this.#db.close();
  }
}

/** Roughly what a message costs. */
export const bytesOf = ({ content, attachments, reactions, mentions }: Message): number =>
  400 + 2 * content.length + 300 * attachments.length + 80 * (reactions.length + mentions.length);

/** Nothing of this person stays in this browser's database, whichever tabs have it open. */
export const wipe = async (userId: string): Promise<void> => {
  if (typeof indexedDB === 'undefined') return;
  // Emptied first: that needs no other tab to let go of it.
  const store = await LocalStore.open(userId);
  if (store) {
    await store.begin(nobody);
    store.close();
  }
  await attempt(() => within(openWithinMs, deleteDB(databaseOf(userId))));
};

const nobody = { cursor: '', isListWhole: false, writer: '' } as unknown as About;

/** A disk may give back something else than was written to it: what is shown has at least this shape. */
const isAbout = (about: About | undefined, userId: string): about is About =>
  isUser(about?.user) &&
  about?.user.id === userId &&
  typeof about.cursor === 'string' &&
  about.cursor !== '' &&
  Array.isArray(about.personal?.items);
const isUser = (user: User | undefined): boolean =>
  typeof user?.id === 'string' && typeof user.username === 'string';
const isConversation = (one: Conversation): boolean =>
  typeof one?.id === 'string' && Array.isArray(one.members) && typeof one.unreadCount === 'number';
const isMessage = (one: Message): boolean =>
  typeof one?.position === 'string' && typeof one.content === 'string' && Array.isArray(one.reactions);

const connect = async (userId: string): Promise<LocalStore> => {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const opening = openDB<Schema>(databaseOf(userId), storeVersion, {
    upgrade: (db) => {
      for (const name of db.objectStoreNames) db.deleteObjectStore(name);
      for (const name of names) db.createObjectStore(name);
    },
    // A newer version of us, or a wipe, in another tab: it need not wait.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      end();
    },
    terminated: () => end(),
  })
    .then((db) => {
      if (names.every((name) => db.objectStoreNames.contains(name))) return db;
      db.close();
      throw new Error('Tables are missing.');
    })
    .catch(async (problem: unknown) => {
      // Of a newer version, or damaged: away with it; the next start begins anew.
      await attempt(() => within(openWithinMs, deleteDB(databaseOf(userId))));
      throw problem;
    });
  const db = await within(openWithinMs, opening);
  return new LocalStore(userId, db, ended);
};

const within = <T>(ms: number, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('The browser’s database does not answer.')), ms);
    }),
  ]);

/** What the browser's database refuses or has lost is undefined here: everything goes on without it. */
const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};

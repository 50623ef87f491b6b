// Writes the local store: when, by which tab, and what beside the messages. Every tab gathers what it hears; the one that leads
// writes. Rows are taken from what is on screen at that moment, so the store is never behind its cursor, only ahead of it,
// and what comes twice after a resume is harmless.
import type { Conversation, Message, User } from '../protocol.ts';
import type { About, Kept, LocalStore, Writing } from './local-store.ts';
import { Recent } from './recent.ts';
import { type KeptPage, Stretches } from './stretches.ts';

const keptConversations = 300;
const keptPeople = 2_000;
const writeAfterMs = 500;
/** So many unwritten rows mean that this disk takes nothing: the store begins anew. */
const gatheredMax = 5_000;

export type KeeperOptions = {
  /** Resolves to null where nothing can be kept. */
  store: Promise<LocalStore | null>;
  /** What this page began with; null: with nothing. */
  kept: Kept | null;
  writer: string;
  now: () => number;
  me: () => User;
  conversations: () => readonly Conversation[];
  isListWhole: () => boolean;
  people: () => Iterable<User>;
  personal: () => About['personal'];
  /** The connection's own place in the stream. */
  cursor: () => string | null;
  /** This tab has written nothing of what it has heard so far: everything since this cursor is to be heard once more. */
  onResumeFrom: (cursor: string) => void;
  /** To the tab that leads. */
  handOver: (conversationId: string, page: KeptPage) => void;
};

export class Keeper {
  readonly #options: KeeperOptions;
  #isLeading = false;
  #hasHeard = false;
  /** Whether what is on disk is of the same person and story as what is on screen. */
  #isJoined: boolean;
  #isDirty = false;
  #cursor: string | null = null;
  readonly #recent = new Recent();
  readonly #stretches: Stretches;
  /** Null: it is there no more, whatever may still be on disk. */
  #writtenConversations = new Map<string, Conversation | null>();
  #writtenPeople = new Map<string, User>();
  #writing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#stretches = new Stretches(options.now);
    this.#isJoined = options.kept !== null;
    this.#remember(options.kept);
  }

  get isLeading(): boolean {
    return this.#isLeading;
  }

  has(conversationId: string): boolean {
    return this.#stretches.has(conversationId);
  }

  /** This tab writes from now on. */
  async lead(): Promise<void> {
    const { writer } = this.#options;
    const store = await this.#store();
    if (!store) return;
    const about = this.#isJoined ? await store.claim(writer) : null;
    if (about) {
      this.#stretches.start(await store.stretches());
      this.#isLeading = true;
      // What came while another tab wrote may be missing there, if that tab ended before it had written it.
      if (this.#hasHeard) {
        this.#writtenConversations.clear();
        this.#cursor = null;
        this.#options.onResumeFrom(about.cursor);
      }
    } else {
      // The last row of the old is gone before the first of the new is there.
      this.#stretches.clear();
      this.#remember(null);
      if (!(await store.begin({ ...this.#about(this.#options.cursor() ?? ''), isListWhole: false }))) return;
      this.#isJoined = true;
      this.#isLeading = true;
      // As it is by now: where nobody says anything any more, no other one comes.
      this.#cursor = this.#options.cursor();
    }
    this.#soon();
  }

  /** Another tab writes. */
  follow(): void {
    this.#isLeading = false;
    clearTimeout(this.#timer);
    this.#stretches.forgetUnwritten();
  }

  /** After it has changed what is on screen. */
  heard(message?: Message): void {
    this.#hasHeard = true;
    if (message) {
      this.#recent.heard(message);
      if (this.#isLeading) this.#stretches.heard(message);
    }
    this.#soon();
  }

  /** Everything heard so far is covered by it. */
  reached(cursor: string): void {
    this.#hasHeard = true;
    this.#cursor = cursor;
    this.#soon();
  }

  /** The person is out of it: what changes there is not heard any more, so nothing of it holds when they come back. */
  left(conversationId: string): void {
    this.#recent.leave(conversationId);
    if (!this.#isLeading) return;
    this.#stretches.letGo(conversationId);
    this.#writtenConversations.set(conversationId, null);
    this.#soon();
  }

  /** Events are missing that nobody will repeat: kept messages are no unbroken stretches any more. */
  missed(): void {
    this.#recent.clear();
    this.#stretches.letAllGo();
    this.#soon();
  }

  /** A page that a timeline, here or in another tab, was given. */
  keep(conversationId: string, page: KeptPage): void {
    if (!this.#isLeading) return this.#options.handOver(conversationId, page);
    const rows = this.#recent.over(conversationId, page.rows, page.before ?? undefined, true);
    if (this.#stretches.join(conversationId, { ...page, rows })) this.#soon();
  }

  /** The kept messages before a position, or the newest; null: nothing is kept there. */
  async read(
    conversationId: string,
    limit: number,
    before?: string,
  ): Promise<{ rows: readonly Message[]; isAtStart: boolean } | null> {
    // Who writes it knows that nothing is there, and whether something is still to be written.
    if (this.#isLeading && !this.#stretches.has(conversationId)) return null;
    const store = await this.#store();
    if (!store) return null;
    if (this.#stretches.hasUnwritten(conversationId)) await this.flush();
    while (this.#writing) await this.#writing;
    const found = await store.messages(conversationId, limit, before);
    if (!found) return null;
    if (this.#isLeading) this.#stretches.used(conversationId);
    return { ...found, rows: this.#recent.over(conversationId, found.rows, before, this.#isLeading) };
  }

  /** Everything that is kept, for a search without a server. */
  async everything(): Promise<Message[]> {
    const store = await this.#store();
    await this.flush();
    return (await store?.allMessages()) ?? [];
  }

  /** What was gathered is on disk, as far as the disk takes it. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#writing) await this.#writing;
    if (!this.#isLeading || !this.#isDirty) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    const store = await this.#store();
    this.#isDirty = false;
    if (!store || this.#cursor === null) return;
    const writing = this.#next(this.#cursor);
    const outcome = await store.write(writing);
    if (outcome === 'lost') return this.follow();
    if (outcome === 'failed') return this.#again(store, writing);
    for (const id of writing.goneConversations) this.#writtenConversations.delete(id);
    for (const one of writing.conversations) this.#writtenConversations.set(one.id, one);
    for (const one of writing.people) this.#writtenPeople.set(one.id, one);
    if (await this.#stretches.shorten(store)) this.#soon();
  }

  #next(cursor: string): Writing {
    const { conversations, people } = this.#options;
    const listed = conversations().slice(0, keptConversations);
    const ids = new Set(listed.map(({ id }) => id));
    const goneConversations = [...this.#writtenConversations.keys()].filter((id) => !ids.has(id));
    for (const id of goneConversations) this.#stretches.letGo(id);
    const newPeople = [...people()].filter((one) => this.#writtenPeople.get(one.id) !== one);
    return {
      about: this.#about(cursor),
      conversations: listed.filter((one) => this.#writtenConversations.get(one.id) !== one),
      goneConversations,
      people: newPeople.slice(0, Math.max(0, keptPeople - this.#writtenPeople.size)),
      ...this.#stretches.takeUnwritten(),
    };
  }

  #about(cursor: string): About {
    const { me, isListWhole, writer, conversations, personal } = this.#options;
    return {
      user: me(),
      cursor,
      personal: personal(),
      isListWhole: isListWhole() && conversations().length <= keptConversations,
      writer,
    };
  }

  /** Nothing was written, so everything is written the next time; a disk that never takes it gets an empty store. */
  async #again(store: LocalStore, writing: Writing): Promise<void> {
    this.#isDirty = true;
    this.#stretches.giveBack(writing);
    if (this.#stretches.unwrittenCount < gatheredMax) return;
    this.missed();
    this.#stretches.forgetGone();
    this.#remember(null);
    await store.begin({ ...writing.about, isListWhole: false });
  }

  #remember(kept: Kept | null): void {
    this.#writtenConversations = new Map(kept?.conversations.map((one) => [one.id, one]));
    this.#writtenPeople = new Map(kept?.people.map((one) => [one.id, one]));
  }

  /** Soon, and not once more for everything that comes until then. */
  #soon(): void {
    if (!this.#isLeading) return;
    this.#isDirty = true;
    this.#timer ??= setTimeout(() => void this.flush(), writeAfterMs);
  }

  async #store(): Promise<LocalStore | null> {
    const store = await this.#options.store;
    return store?.isOpen ? store : null;
  }
}

// Decides what the local store keeps, and when it is written. Every tab gathers what it hears; the one that leads writes.
// Rows are taken from what is on screen at that moment, so the store is never behind its cursor, only ahead of it, and
// what comes twice after a resume is harmless.
import { comparePositions, upsert } from '../merge.ts';
import type { Conversation, Message, User } from '../protocol.ts';
import {
  type About,
  bytesOf,
  type Kept,
  type LocalStore,
  type Stretch,
  type Writing,
} from './local-store.ts';

export const keptMessages = 200;
export const keptStretches = 50;
export const keptBytesMax = 12_000_000;
const keptConversations = 300;
const keptPeople = 2_000;
/** What was heard last: laid over what is read from the store, which another tab may not have written yet. */
const recentMax = 2_000;
const writeAfterMs = 500;
/** So many unwritten rows mean that this disk takes nothing: the store begins anew. */
const gatheredMax = 5_000;

/** A page of history that joins the newest messages. `before`: it lies directly before this position; null: at the end. */
export type KeptPage = { rows: readonly Message[]; isAtStart: boolean; before: string | null };

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
  #recent: Message[] = [];
  #stretches = new Map<string, Stretch>();
  #gathered = new Map<string, Message>();
  #goneStretches = new Set<string>();
  /** Null: it is there no more, whatever may still be on disk. */
  #writtenConversations = new Map<string, Conversation | null>();
  #writtenPeople = new Map<string, User>();
  #writing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
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
      this.#stretches = new Map((await store.stretches()).map((one) => [one.conversationId, one]));
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
      this.#gathered.clear();
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
    this.#gathered.clear();
    this.#goneStretches.clear();
  }

  /** After it has changed what is on screen. */
  heard(message?: Message): void {
    this.#hasHeard = true;
    if (message) {
      this.#recent.push(message);
      if (this.#recent.length > recentMax) this.#recent.splice(0, recentMax / 2);
      if (this.#isLeading) this.#gather([message]);
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
    this.#recent = this.#recent.filter((one) => one.conversationId !== conversationId);
    if (!this.#isLeading) return;
    this.#letGo(conversationId);
    this.#writtenConversations.set(conversationId, null);
    this.#soon();
  }

  /** Events are missing that nobody will repeat: kept messages are no unbroken stretches any more. */
  missed(): void {
    this.#recent = [];
    for (const id of this.#stretches.keys()) this.#letGo(id);
    this.#soon();
  }

  /** A page that a timeline, here or in another tab, was given. */
  keep(conversationId: string, page: KeptPage): void {
    if (!this.#isLeading) return this.#options.handOver(conversationId, page);
    const rows = this.#withRecent(conversationId, page.rows, page.before ?? undefined, true);
    const known = this.#stretches.get(conversationId);
    const [first] = rows;
    const last = rows.at(-1);
    if (!first || !last) {
      // Nothing has been said yet: whatever comes is the beginning.
      if (page.before === null && page.isAtStart && !known)
        this.#stretches.set(conversationId, this.#empty(conversationId));
      return;
    }
    if (page.before !== null) {
      // Not next to what is kept: a hole between them would be taken for silence.
      if (!known || comparePositions(page.before, known.first) < 0) return;
      if (comparePositions(first.position, known.first) >= 0) return;
      this.#stretches.set(conversationId, { ...known, first: first.position, isAtStart: page.isAtStart });
      return this.#gatherPage(rows);
    }
    const joined = known && comparePositions(first.position, known.last) <= 0 ? known : null;
    if (known && !joined) this.#letGo(conversationId);
    const isLonger = joined !== null && comparePositions(joined.first, first.position) < 0;
    this.#stretches.set(conversationId, {
      conversationId,
      first: isLonger ? joined.first : first.position,
      last: last.position,
      isAtStart: isLonger ? joined.isAtStart : page.isAtStart,
      count: joined?.count ?? 0,
      bytes: joined?.bytes ?? 0,
      usedAt: this.#options.now(),
    });
    this.#gatherPage(rows);
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
    for (const { conversationId: id } of this.#gathered.values())
      if (id === conversationId) {
        await this.flush();
        break;
      }
    while (this.#writing) await this.#writing;
    const found = await store.messages(conversationId, limit, before);
    if (!found) return null;
    const known = this.#stretches.get(conversationId);
    if (known && this.#isLeading)
      this.#stretches.set(conversationId, { ...known, usedAt: this.#options.now() });
    return { ...found, rows: this.#withRecent(conversationId, found.rows, before, this.#isLeading) };
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
    this.#gathered = new Map();
    this.#goneStretches = new Set();
    const outcome = await store.write(writing);
    if (outcome === 'lost') return this.follow();
    if (outcome === 'failed') return this.#again(store, writing);
    for (const id of writing.goneConversations) this.#writtenConversations.delete(id);
    for (const one of writing.conversations) this.#writtenConversations.set(one.id, one);
    for (const one of writing.people) this.#writtenPeople.set(one.id, one);
    await this.#shorten(store);
  }

  #next(cursor: string): Writing {
    const { conversations, people } = this.#options;
    const listed = conversations().slice(0, keptConversations);
    const ids = new Set(listed.map(({ id }) => id));
    const goneConversations = [...this.#writtenConversations.keys()].filter((id) => !ids.has(id));
    for (const id of goneConversations) this.#letGo(id);
    const changed = new Set([...this.#gathered.values()].map(({ conversationId }) => conversationId));
    const newPeople = [...people()].filter((one) => this.#writtenPeople.get(one.id) !== one);
    return {
      about: this.#about(cursor),
      conversations: listed.filter((one) => this.#writtenConversations.get(one.id) !== one),
      goneConversations,
      people: newPeople.slice(0, Math.max(0, keptPeople - this.#writtenPeople.size)),
      messages: [...this.#gathered.values()],
      stretches: [...this.#stretches.values()].filter(({ conversationId }) => changed.has(conversationId)),
      goneStretches: [...this.#goneStretches],
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
    const later = this.#gathered;
    this.#gathered = new Map(writing.messages.map((one) => [one.id, one]));
    for (const [id, message] of later) this.#gathered.set(id, message);
    for (const id of writing.goneStretches) this.#goneStretches.add(id);
    if (this.#gathered.size < gatheredMax) return;
    this.missed();
    this.#goneStretches.clear();
    this.#remember(null);
    await store.begin({ ...writing.about, isListWhole: false });
  }

  /** Within the bounds: the longest unused conversations are cut to their newest messages first, and then let go. */
  async #shorten(store: LocalStore): Promise<void> {
    const oldestFirst = () => [...this.#stretches.values()].sort((a, b) => a.usedAt - b.usedAt);
    const bytes = () => oldestFirst().reduce((sum, one) => sum + one.bytes, 0);
    if (bytes() > keptBytesMax) {
      for (const stretch of oldestFirst()) {
        if (stretch.count <= keptMessages || bytes() <= keptBytesMax) continue;
        const shorter = await store.shorten(stretch, keptMessages);
        if (shorter) this.#stretches.set(stretch.conversationId, shorter);
      }
    }
    for (const { conversationId } of oldestFirst()) {
      if (this.#stretches.size <= keptStretches && bytes() <= keptBytesMax) break;
      this.#letGo(conversationId);
      this.#soon();
    }
  }

  #empty(conversationId: string): Stretch {
    return {
      conversationId,
      first: '0',
      last: '0',
      isAtStart: true,
      count: 0,
      bytes: 0,
      usedAt: this.#options.now(),
    };
  }

  #letGo(conversationId: string): void {
    this.#stretches.delete(conversationId);
    this.#goneStretches.add(conversationId);
    for (const [id, message] of this.#gathered)
      if (message.conversationId === conversationId) this.#gathered.delete(id);
  }

  /** A message belongs to what is kept when it is not from before it. */
  #gather(messages: readonly Message[]): void {
    for (const message of messages) {
      const stretch = this.#stretches.get(message.conversationId);
      if (!stretch || comparePositions(message.position, stretch.first) < 0) continue;
      const isNew = !this.#gathered.has(message.id) && comparePositions(message.position, stretch.last) > 0;
      this.#stretches.set(message.conversationId, {
        ...stretch,
        last: isNew ? message.position : stretch.last,
        count: stretch.count + (isNew ? 1 : 0),
        bytes: stretch.bytes + (isNew ? bytesOf(message) : 0),
      });
      this.#gathered.set(message.id, message);
    }
  }

  #gatherPage(rows: readonly Message[]): void {
    for (const row of rows) this.#gathered.set(row.id, row);
    const [{ conversationId } = { conversationId: '' }] = rows;
    const stretch = this.#stretches.get(conversationId);
    if (stretch)
      this.#stretches.set(conversationId, {
        ...stretch,
        count: stretch.count + rows.length,
        bytes: stretch.bytes + rows.reduce((sum, row) => sum + bytesOf(row), 0),
      });
    this.#soon();
  }

  /** With the newer versions that were heard; and with what came after the last row, when none of that can be missing. */
  #withRecent(
    conversationId: string,
    rows: readonly Message[],
    before: string | undefined,
    mayGrow: boolean,
  ): readonly Message[] {
    const [first] = rows;
    const end = before ?? (mayGrow ? undefined : rows.at(-1)?.position);
    if (!first) return rows;
    let joined = rows;
    for (const message of this.#recent) {
      if (message.conversationId !== conversationId) continue;
      if (comparePositions(message.position, first.position) < 0) continue;
      const fromEnd = end === undefined ? -1 : comparePositions(message.position, end);
      if (fromEnd < 0 || (fromEnd === 0 && before === undefined)) joined = upsert(joined, [message]);
    }
    return joined;
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

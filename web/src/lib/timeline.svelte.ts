// The confirmed messages of one conversation: an unbroken stretch, longer as the person scrolls either way. It usually
// ends at the newest message and grows with what comes ("live"); after a jump it stands anywhere, and what comes meanwhile
// waits ahead of it. Rows are replaced whole, so a hundred thousand of them cost one reactive value.
import { tick } from 'svelte';
import { type Api, ApiProblem, type Page } from './api.ts';
import { comparePositions, upsert } from './merge.ts';
import type { Message } from './protocol.ts';
import type { KeptPage } from './store/stretches.ts';

const pageSize = 100;
const aroundSize = 50;
const keptRows = 200;
/** However far one scrolls and however much comes: so many rows, around where the person looks. */
export const rowsMax = 1_000;
const aheadMax = 500;

type Direction = 'older' | 'newer' | 'anew';

/** What this browser keeps of it: read before the network is asked, and given what the network answered. */
export type Shelf = {
  read: (
    conversationId: string,
    limit: number,
    before?: string,
  ) => Promise<{ rows: readonly Message[]; isAtStart: boolean } | null>;
  keep: (conversationId: string, page: KeptPage) => void;
  /** The position of the newest message that is known to be there. */
  newest: (conversationId: string) => string | null;
};
const emptyShelf: Shelf = { read: async () => null, keep: () => undefined, newest: () => null };

export class Timeline {
  readonly conversationId: string;
  rows = $state.raw<readonly Message[]>([]);
  /** What came by socket and lies after a stretch that is not live; the last of it. */
  ahead = $state.raw<readonly Message[]>([]);
  /** Another number: the stretch is another one, and nothing of the old place holds. */
  stretch = $state(0);
  /** True while the last change added rows at the top, so that the list keeps its place. */
  isPrepend = $state(false);
  isLoaded = $state(false);
  isAtStart = $state(false);
  isLive = $state(true);
  loading = $state<Direction | null>(null);
  hasFailed = $state(false);
  /** The message that the person looks at: a stretch that has to be loaded again stands there again. */
  eye: string | null = null;

  readonly #api: Api;
  readonly #shelf: Shelf;
  /** What was kept ended here, and more is known to be there: that is still to be asked for. */
  #holeAfter: string | null = null;
  readonly #byId = new Map<string, Message>();
  /** What came by socket while a page was on its way: it is newer than the page. */
  #held: Message[] | null = null;
  #work: Promise<void> | null = null;
  #again: () => Promise<void> = () => this.load();
  #hasDropped = false;

  constructor(api: Api, conversationId: string, shelf = emptyShelf) {
    this.#api = api;
    this.#shelf = shelf;
    this.conversationId = conversationId;
  }

  find(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  /** A new or changed message. One from before the stretch is left out: it comes with its page. */
  put(message: Message): void {
    this.#held?.push(message);
    if (!this.isLoaded) return;
    const [first] = this.rows;
    if (first && comparePositions(message.position, first.position) < 0) return;
    if (this.isLive || !isAfter(message, this.rows.at(-1))) {
      this.#set(upsert(this.rows, [message]), [message], false);
      if (this.rows.length > rowsMax + pageSize) this.#boundSoon();
      return;
    }
    const ahead = upsert(this.ahead, [message]);
    this.#hasDropped ||= ahead.length > aheadMax;
    this.ahead = ahead.slice(-aheadMax);
  }

  async load(): Promise<void> {
    if (this.isLoaded) return;
    await this.#once('anew', () => this.#kept());
    // What is there can be read meanwhile; that something is missing is said by the list.
    await this.#fill().catch(() => undefined);
  }

  /** Whatever stretch there is: the one that ends at the newest. */
  async toNewest(): Promise<void> {
    if (this.isLoaded && this.isLive) return;
    await this.#rest();
    await this.#once('anew', () => this.#newest());
  }

  async loadOlder(): Promise<void> {
    const [first] = this.rows;
    if (this.isLoaded && first && !this.isAtStart) await this.#once('older', () => this.#older(first));
  }

  async loadNewer(): Promise<void> {
    const last = this.rows.at(-1);
    if (this.isLoaded && last && !this.isLive) await this.#once('newer', () => this.#newer(last));
  }

  /** A message that need not be in the stretch; null: there is none here, or not for this person. */
  async seek(id: string): Promise<Message | null> {
    try {
      const message = await this.#api.message(id);
      return message.conversationId === this.conversationId ? message : null;
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status === 404) return null;
      throw problem;
    }
  }

  /** The stretch around this message. `following`: what comes after it, when that is known already. */
  async standAt(message: Message, following?: Page<Message>): Promise<void> {
    await this.#rest();
    await this.#once('anew', () => this.#around(message, following));
  }

  /** The stretch around what comes first after a position: where somebody who was away for long left off. */
  async standAfter(position: string): Promise<void> {
    const page = await this.#api.history(this.conversationId, { after: position, limit: aroundSize });
    const [first] = page.items;
    await (first ? this.standAt(first, page) : this.load());
  }

  /** Starts again, after events that nobody can replay: from the newest page, or around where the person looks. */
  async reload(): Promise<void> {
    if (!this.isLoaded) return this.recover();
    // A page on its way would be older than what comes now.
    await this.#rest();
    const eye = this.isLive ? undefined : (this.find(this.eye ?? '') ?? this.rows[0]);
    this.ahead = [];
    this.#hasDropped = false;
    await this.#once('anew', () => (eye ? this.#around(eye) : this.#newest()));
  }

  /** The server is there again: what failed may be asked for again. */
  async recover(): Promise<void> {
    if (this.isLoaded) this.hasFailed = false;
    else if (this.hasFailed) await this.load();
    await this.#fill();
  }

  /** Once more what failed last. */
  retry(): Promise<void> {
    return this.#again();
  }

  /** Nobody looks any more: what was scrolled back is let go, and a stretch in the past altogether. */
  trim(): void {
    this.eye = null;
    if (this.isLive && this.rows.length <= keptRows) return;
    const rows = this.isLive ? this.rows.slice(-keptRows) : [];
    this.isLoaded = this.isLive;
    this.isLive = true;
    this.ahead = [];
    this.#hasDropped = false;
    this.#byId.clear();
    this.isAtStart = false;
    this.#set(rows, rows, false);
  }

  /** What is on its way has come or failed. */
  async #rest(): Promise<void> {
    await this.#work?.catch(() => undefined);
  }

  /** One page at a time; `work` asks and answers what to do with the answer, in one go. */
  #once(direction: Direction, work: () => Promise<() => void>): Promise<void> {
    this.#work ??= this.#attempt(direction, work).finally(() => {
      this.#work = null;
      this.#boundSoon();
    });
    return this.#work;
  }

  async #attempt(direction: Direction, work: () => Promise<() => void>): Promise<void> {
    this.loading = direction;
    const held: Message[] = [];
    this.#held = held;
    try {
      const apply = await work();
      this.#held = null;
      apply();
      this.isLoaded = true;
      this.hasFailed = false;
      // Only what differs from the page, so that the list still sees a pure prepend.
      for (const message of held) if (this.#byId.get(message.id) !== message) this.put(message);
    } catch (problem) {
      this.hasFailed = true;
      this.#again = this.#repeating(direction, work);
      throw problem;
    } finally {
      this.#held = null;
      this.loading = null;
    }
  }

  /** Made apart from what failed: a problem keeps whatever its stack goes through, down to lists that are no longer shown. */
  #repeating(direction: Direction, work: () => Promise<() => void>): () => Promise<void> {
    return () => this.#once(direction, work);
  }

  async #kept(): Promise<() => void> {
    const kept = await this.#shelf.read(this.conversationId, pageSize);
    const last = kept?.rows.at(-1);
    if (!kept || !last) return this.#newest();
    return () => {
      const newest = this.#shelf.newest(this.conversationId);
      this.#holeAfter = newest !== null && comparePositions(newest, last.position) > 0 ? last.position : null;
      this.isAtStart = kept.isAtStart;
      this.#byId.clear();
      this.#set(kept.rows, kept.rows, false);
    };
  }

  /** Asks for what is missing after what was kept; when that is much, for the newest page instead. */
  async #fill(): Promise<void> {
    const after = this.#holeAfter;
    if (after === null || !this.isLoaded || !this.isLive) return;
    await this.#rest();
    await this.#once('newer', async () => {
      const page = await this.#api.history(this.conversationId, { after, limit: pageSize });
      if (page.nextCursor !== null) return this.#newest();
      return () => {
        this.#holeAfter = null;
        this.#set(upsert(this.rows, page.items), page.items, false);
        this.#shelf.keep(this.conversationId, {
          rows: this.rows,
          isAtStart: this.isAtStart,
          before: null,
        });
      };
    });
  }

  async #newest(): Promise<() => void> {
    const { items, nextCursor } = await this.#api.history(this.conversationId, { limit: pageSize });
    return () => {
      this.#holeAfter = null;
      this.isAtStart = isEdge(items, nextCursor);
      this.#shelf.keep(this.conversationId, { rows: items, isAtStart: this.isAtStart, before: null });
      if (!this.isLive) this.stretch += 1;
      this.isLive = true;
      this.ahead = [];
      this.#hasDropped = false;
      this.#byId.clear();
      this.#set(items, items, false);
    };
  }

  async #older(first: Message): Promise<() => void> {
    const before = first.position;
    const kept = await this.#shelf.read(this.conversationId, pageSize, before);
    if (kept)
      return () => {
        this.isAtStart = kept.isAtStart;
        this.#set(upsert(this.rows, kept.rows), kept.rows, true);
      };
    const { items, nextCursor } = await this.#api.history(this.conversationId, { before, limit: pageSize });
    return () => {
      this.isAtStart = isEdge(items, nextCursor);
      this.#set(upsert(this.rows, items), items, true);
      this.#shelf.keep(this.conversationId, { rows: items, isAtStart: this.isAtStart, before });
    };
  }

  async #newer(last: Message): Promise<() => void> {
    const page = await this.#api.history(this.conversationId, { after: last.position, limit: pageSize });
    return () => {
      this.#set(upsert(this.rows, page.items), page.items, false);
      if (page.nextCursor === null) this.#join();
    };
  }

  async #around(message: Message, following?: Page<Message>): Promise<() => void> {
    const { position } = message;
    const [before, after] = await Promise.all([
      this.#api.history(this.conversationId, { before: position, limit: aroundSize }),
      following ?? this.#api.history(this.conversationId, { after: position, limit: aroundSize }),
    ]);
    return () => {
      // The end of what was live: a gateway that lags behind might not name it in its pages yet.
      if (this.isLoaded && this.isLive) this.ahead = this.rows.slice(-aroundSize);
      this.isAtStart = before.nextCursor === null;
      this.isLive = false;
      this.stretch += 1;
      this.#byId.clear();
      const rows = upsert(upsert(before.items, [message]), after.items);
      this.#set(rows, rows, false);
      if (after.nextCursor === null) this.#join();
    };
  }

  /** Pages lead to the newest message: with what waits ahead the stretch is live, unless something between is missing. */
  #join(): void {
    const [next] = this.ahead;
    if (this.#hasDropped && next && isAfter(next, this.rows.at(-1))) return;
    const missing = this.ahead.filter((message) => isAfter(message, this.rows.at(-1)));
    this.ahead = [];
    this.#hasDropped = false;
    this.isLive = true;
    if (missing.length > 0) this.#set(upsert(this.rows, missing), missing, false);
  }

  /** In a change of its own: the list keeps its place over rows that come at one end or go at it, not over both at once. */
  #boundSoon(): void {
    void tick().then(() => this.#bound());
  }

  /** Lets go the end that is farther from the eye. A page on its way belongs to the rows as they are: then later. */
  #bound(): void {
    const excess = this.rows.length - rowsMax;
    if (excess <= 0 || this.#work) return;
    const at = this.rows.findIndex(({ id }) => id === this.eye);
    const eye = at < 0 && this.isLive ? this.rows.length - 1 : Math.max(0, at);
    const isFromStart = eye >= this.rows.length / 2;
    const dropped = isFromStart ? this.rows.slice(0, excess) : this.rows.slice(-excess);
    for (const { id } of dropped) this.#byId.delete(id);
    if (isFromStart) {
      this.isAtStart = false;
      return this.#set(this.rows.slice(excess), [], true);
    }
    if (this.isLive) {
      this.isLive = false;
      this.ahead = dropped.slice(-aheadMax);
      this.#hasDropped = dropped.length > aheadMax;
    }
    this.#set(this.rows.slice(0, -excess), [], false);
  }

  #set(rows: readonly Message[], changed: readonly Message[], isPrepend: boolean): void {
    for (const message of changed) this.#byId.set(message.id, message);
    this.isPrepend = isPrepend;
    this.rows = rows;
  }
}

const isAfter = (message: Message, row: Message | undefined): boolean =>
  row === undefined || comparePositions(message.position, row.position) > 0;

const isEdge = (items: Message[], nextCursor: string | null): boolean =>
  items.length === 0 || (items.length < pageSize && nextCursor === null);

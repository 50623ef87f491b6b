// The confirmed messages of one conversation: an unbroken stretch that ends at the newest, longer as the person scrolls
// back. Rows are replaced whole, so a hundred thousand of them cost one reactive value.
import type { Api } from './api.ts';
import { comparePositions, upsert } from './merge.ts';
import type { Message } from './protocol.ts';

const pageSize = 100;
const keptRows = 200;

export class Timeline {
  readonly conversationId: string;
  rows = $state.raw<readonly Message[]>([]);
  /** True while the last change added rows at the top, so that the list keeps its place. */
  isPrepend = $state(false);
  isLoaded = $state(false);
  isLoading = $state(false);
  isAtStart = $state(false);
  hasFailed = $state(false);

  readonly #api: Api;
  readonly #byId = new Map<string, Message>();
  /** What came by socket while a page was on its way: it is newer than the page. */
  #held: Message[] | null = null;
  #work: Promise<void> | null = null;

  constructor(api: Api, conversationId: string) {
    this.#api = api;
    this.conversationId = conversationId;
  }

  find(id: string): Message | undefined {
    return this.#byId.get(id);
  }

  /** A new or changed message. One from before the stretch is left out: it comes with its page. */
  put(message: Message): void {
    this.#held?.push(message);
    if (!this.isLoaded) return;
    const first = this.rows[0];
    if (first && comparePositions(message.position, first.position) < 0) return;
    this.#set(upsert(this.rows, [message]), [message], false);
  }

  async load(): Promise<void> {
    if (!this.isLoaded) await this.#page(undefined);
  }

  async loadOlder(): Promise<void> {
    const first = this.rows[0];
    if (this.isLoaded && first && !this.isAtStart) await this.#page(first.position);
  }

  /** Starts again from the newest page, after events that nobody can replay. */
  async reload(): Promise<void> {
    if (!this.isLoaded) return this.recover();
    // A page on its way would be older than what comes now.
    await this.#work?.catch(() => undefined);
    await this.#page(undefined);
  }

  /** The server is there again: what failed may be asked for again. */
  async recover(): Promise<void> {
    if (this.isLoaded) this.hasFailed = false;
    else if (this.hasFailed) await this.load();
  }

  /** Nobody looks any more: what was scrolled back is let go. */
  trim(): void {
    if (this.rows.length <= keptRows) return;
    const rows = this.rows.slice(-keptRows);
    this.#byId.clear();
    this.isAtStart = false;
    this.#set(rows, rows, false);
  }

  #page(before: string | undefined): Promise<void> {
    this.#work ??= this.#fetch(before).finally(() => {
      this.#work = null;
    });
    return this.#work;
  }

  async #fetch(before: string | undefined): Promise<void> {
    this.isLoading = true;
    this.#held = [];
    try {
      const query = before === undefined ? { limit: pageSize } : { before, limit: pageSize };
      const { items, nextCursor } = await this.#api.history(this.conversationId, query);
      this.isAtStart = items.length === 0 || (items.length < pageSize && nextCursor === null);
      if (before === undefined) this.#byId.clear();
      const rows = before === undefined ? items : upsert(this.rows, items);
      this.#set(rows, items, before !== undefined);
      this.isLoaded = true;
      this.hasFailed = false;
      const held = this.#held;
      this.#held = null;
      // Only what differs from the page, so that the list still sees a pure prepend.
      for (const message of held) if (this.#byId.get(message.id) !== message) this.put(message);
    } catch (problem) {
      this.hasFailed = true;
      throw problem;
    } finally {
      this.#held = null;
      this.isLoading = false;
    }
  }

  #set(rows: readonly Message[], changed: readonly Message[], isPrepend: boolean): void {
    for (const message of changed) this.#byId.set(message.id, message);
    this.isPrepend = isPrepend;
    this.rows = rows;
  }
}

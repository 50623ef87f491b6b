// The one search: what is typed, what was found, and what was looked for lately. It lives as long as the person is signed
// in, so that a hit can be opened and the results are still there afterwards.
import type { SearchHit } from '../../../schemas/views.ts';
import { type Api, ApiProblem } from './api.ts';
import { nameIn, questionOf, readQuery, type Titled, withFilter } from './query.ts';

export type Sort = 'best' | 'newest';

const pauseMs = 250;
const pageSize = 30;
/** Who has not found it among these should ask for something else. */
export const hitsMax = 600;
const recentMax = 8;
/** What is said is searchable about a second later; that is nothing to speak of. */
const lagMs = 15_000;

export type SearchOptions = {
  api: Pick<Api, 'search'>;
  userId: string;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  conversations: () => Titled[];
  /** The same question to what this browser keeps; null: it keeps nothing. */
  here: (question: string) => Promise<{ items: SearchHit[]; total: number } | null>;
};

export class Search {
  #typed = $state('');
  #sort = $state<Sort>('best');
  readonly query = $derived(readQuery(this.#typed));
  readonly isOn = $derived(this.#typed.trim() !== '');
  hits = $state.raw<readonly SearchHit[]>([]);
  total = $state(0);
  state = $state<'idle' | 'asking' | 'done' | 'failed'>('idle');
  problem = $state.raw<ApiProblem | null>(null);
  hasMore = $state(false);
  isAskingMore = $state(false);
  /** What was said after this moment may not be found yet; null: everything can. */
  lagsSince = $state<string | null>(null);
  /** The server could not be asked: these are from what this browser keeps. */
  isHereOnly = $state(false);
  recent = $state.raw<readonly string[]>([]);
  /** Rises when the box shall have the keyboard. */
  calls = $state(0);

  readonly #options: SearchOptions;
  readonly #key: string;
  #cursor: string | undefined;
  /** The question that counts; answers to others are late. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#key = `chatvui.searches.${options.userId}`;
    this.recent = this.#kept();
  }

  get typed(): string {
    return this.#typed;
  }

  /** Asks when the person pauses. */
  set typed(typed: string) {
    this.#typed = typed;
    this.#question += 1;
    clearTimeout(this.#timer);
    if (!this.isOn) this.#clear();
    else {
      this.state = 'asking';
      this.#timer = setTimeout(() => void this.#ask(), pauseMs);
    }
  }

  get sort(): Sort {
    return this.#sort;
  }

  set sort(sort: Sort) {
    this.#sort = sort;
    this.typed = this.#typed;
  }

  /** Gives the box the keyboard. */
  call(): void {
    this.calls += 1;
  }

  startIn(conversationId: string): void {
    const name = nameIn(conversationId, this.#options.conversations());
    this.typed = withFilter(readQuery(''), 'in', name);
    this.call();
  }

  retry(): void {
    if (this.hits.length === 0 || this.isHereOnly) {
      this.typed = this.#typed;
      return;
    }
    this.state = 'done';
    this.hasMore = true;
    void this.more();
  }

  async more(): Promise<void> {
    if (this.isAskingMore || !this.hasMore || this.state !== 'done') return;
    this.isAskingMore = true;
    await this.#ask(this.#cursor);
    this.isAskingMore = false;
  }

  /** Kept for the next time, because something came of it. */
  remember(): void {
    const typed = this.#typed.trim();
    if (!typed) return;
    this.recent = [typed, ...this.recent.filter((one) => one !== typed)].slice(0, recentMax);
    attempt(() => this.#options.storage.setItem(this.#key, JSON.stringify(this.recent)));
  }

  forget(): void {
    this.recent = [];
    attempt(() => this.#options.storage.removeItem(this.#key));
  }

  async #ask(cursor?: string): Promise<void> {
    const question = this.#question;
    try {
      const result = await this.#options.api.search({
        q: questionOf(this.query, this.#options.conversations()),
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        limit: pageSize,
        sort: this.#sort,
        ...(cursor ? { cursor } : {}),
      });
      if (question !== this.#question) return;
      const known = new Set(cursor ? this.hits.map(({ message }) => message.id) : []);
      const fresh = result.items.filter(({ message }) => !known.has(message.id));
      this.hits = cursor ? [...this.hits, ...fresh] : fresh;
      this.total = result.total;
      this.#cursor = result.nextCursor ?? undefined;
      this.hasMore = result.nextCursor !== null && this.hits.length < hitsMax;
      this.lagsSince = Date.now() - Date.parse(result.indexedThrough) > lagMs ? result.indexedThrough : null;
      this.problem = null;
      this.isHereOnly = false;
      this.state = 'done';
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (question !== this.#question) return;
      if (!cursor && problem.code === 'network' && (await this.#askHere(question))) return;
      this.problem = problem;
      // What is there stays; the end of the list says that there is more to come.
      if (!cursor) this.hits = [];
      this.hasMore = false;
      this.state = 'failed';
    }
  }

  async #askHere(question: number): Promise<boolean> {
    const found = await this.#options.here(questionOf(this.query, this.#options.conversations()));
    if (!found || question !== this.#question) return false;
    this.hits = found.items;
    this.total = found.total;
    this.hasMore = false;
    this.lagsSince = null;
    this.problem = null;
    this.isHereOnly = true;
    this.state = 'done';
    return true;
  }

  #clear(): void {
    this.isHereOnly = false;
    this.hits = [];
    this.total = 0;
    this.hasMore = false;
    this.problem = null;
    this.lagsSince = null;
    this.state = 'idle';
  }

  #kept(): string[] {
    const kept = attempt(() => JSON.parse(this.#options.storage.getItem(this.#key) ?? '[]') as unknown);
    if (!Array.isArray(kept)) return [];
    return kept.filter((one) => typeof one === 'string').slice(0, recentMax);
  }
}

/** A browser may refuse its storage; then searches are remembered for this page only. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

// Plays a conversation back: where it stands, whether it runs, and the stretch in memory around it. Asks for stretches, not
// for moments; what is shown is folded out of them.
import type { Api } from './api.ts';
import {
  emptyStretch,
  momentAfter,
  momentBefore,
  momentsOf,
  pauseBetween,
  type Stretch,
  sceneAt,
  sendingsOf,
  stretchOf,
  withEarlier,
  withLater,
} from './playback.ts';

export const speeds = [1, 2, 5, 20] as const;
const pageSize = 100;
/** So many messages ahead (or behind) are fetched before they are needed. */
const ahead = 30;
const seekPauseMs = 150;

export class Player {
  at = $state('');
  isPlaying = $state(false);
  speed = $state<number>(1);
  hasFailed = $state(false);
  isLoading = $state(false);
  /** The life that can be seen: from the first message to the last thing that happened. Null until it is known. */
  life = $state.raw<{ from: string; to: string } | null>(null);
  isEmpty = $state(false);

  readonly #api: Pick<Api, 'playback'>;
  readonly #conversationId: string;
  #stretch = $state.raw<Stretch>(emptyStretch);
  readonly #moments = $derived(momentsOf(this.#stretch));
  readonly scene = $derived(sceneAt(this.#stretch, this.at));
  #timer: ReturnType<typeof setTimeout> | undefined;
  #seeking: ReturnType<typeof setTimeout> | undefined;
  /** Raised when the stretch is replaced: an answer for the former one is thrown away. */
  #turn = 0;
  #work: Promise<void> | null = null;

  constructor(api: Pick<Api, 'playback'>, conversationId: string) {
    this.#api = api;
    this.#conversationId = conversationId;
  }

  async open(): Promise<void> {
    await this.#attempt(async () => {
      const [begin, end] = await Promise.all([this.#page({ after: '0' }), this.#page({})]);
      const first = begin.items[0]?.message;
      this.isEmpty = !first;
      if (!first) return;
      const moments = momentsOf(stretchOf(end, { isAtStart: false, isAtEnd: true }));
      this.#stretch = stretchOf(begin, { isAtStart: true, isAtEnd: begin.nextCursor === null });
      this.life = { from: first.createdAt, to: moments.at(-1) ?? first.createdAt };
      this.at = first.createdAt;
    });
  }

  close(): void {
    this.pause();
    clearTimeout(this.#seeking);
    this.#turn += 1;
  }

  play(): void {
    if (!this.life) return;
    this.isPlaying = true;
    // At the end it begins anew.
    this.seek(this.at >= this.life.to ? this.life.from : this.at, true);
  }

  pause(): void {
    this.isPlaying = false;
    clearTimeout(this.#timer);
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.isPlaying) this.#schedule();
  }

  /** Shows that time at once from what is in memory; what is missing is fetched when the hand rests, or `now`. */
  seek(time: string, now = false): void {
    if (!this.life) return;
    const { from, to } = this.life;
    this.at = time < from ? from : time > to ? to : time;
    clearTimeout(this.#seeking);
    clearTimeout(this.#timer);
    if (this.#covers(this.at)) {
      void this.#prefetch();
      if (this.isPlaying) this.#schedule();
    } else if (now) void this.#jump();
    else this.#seeking = setTimeout(() => void this.#jump(), seekPauseMs);
  }

  /** To the next message, or the one before. */
  async step(direction: 1 | -1): Promise<void> {
    this.pause();
    const find = () =>
      direction > 0
        ? momentAfter(sendingsOf(this.#stretch), this.at)
        : momentBefore(sendingsOf(this.#stretch), this.at);
    let found = find();
    const edge = () => (direction > 0 ? this.#stretch.isAtEnd : this.#stretch.isAtStart);
    if (found === undefined && !edge()) {
      await this.#load(direction);
      found = find();
    }
    if (found !== undefined) this.seek(found);
    else if (direction > 0 && edge() && this.life) this.seek(this.life.to);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const next = momentAfter(this.#moments, this.at);
    if (next !== undefined) {
      const pause = pauseBetween(this.at, next, this.speed);
      this.#timer = setTimeout(() => {
        this.at = next;
        void this.#prefetch();
        this.#schedule();
      }, pause);
      return;
    }
    if (this.#stretch.isAtEnd) return this.pause();
    void this.#load(1).then(() => {
      if (this.isPlaying && !this.hasFailed) this.#schedule();
      else this.pause();
    });
  }

  #covers(at: string): boolean {
    const { items, isAtStart, isAtEnd } = this.#stretch;
    const [first, last] = [items[0]?.message.createdAt, items.at(-1)?.message.createdAt];
    if (first === undefined || last === undefined) return false;
    return (isAtStart || at >= first) && (isAtEnd || at <= last);
  }

  async #prefetch(): Promise<void> {
    const { items, isAtStart, isAtEnd } = this.#stretch;
    const shown = items.filter(({ message }) => message.createdAt <= this.at).length;
    if (!isAtEnd && items.length - shown < ahead) await this.#load(1);
    else if (!isAtStart && shown < ahead) await this.#load(-1);
  }

  #load(direction: 1 | -1): Promise<void> {
    this.#work ??= this.#extend(direction).finally(() => {
      this.#work = null;
    });
    return this.#work;
  }

  async #extend(direction: 1 | -1): Promise<void> {
    const { items } = this.#stretch;
    const edge = (direction > 0 ? items.at(-1) : items[0])?.message.position;
    if (edge === undefined) return;
    const turn = this.#turn;
    await this.#attempt(async () => {
      const page = await this.#page(direction > 0 ? { after: edge } : { before: edge });
      if (turn !== this.#turn) return;
      this.#stretch = direction > 0 ? withLater(this.#stretch, page) : withEarlier(this.#stretch, page);
    });
  }

  /** To where nothing is in memory yet. */
  async #jump(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    await this.#work;
    await this.#attempt(async () => {
      const page = await this.#page({ at: this.at });
      if (turn !== this.#turn) return;
      this.#stretch = stretchOf(page, { isAtStart: page.nextCursor === null, isAtEnd: false });
    });
    if (turn !== this.#turn || this.hasFailed) return;
    await this.#load(1);
    if (this.isPlaying) this.#schedule();
  }

  #page(query: { before?: string; after?: string; at?: string }) {
    return this.#api.playback(this.#conversationId, { ...query, limit: pageSize });
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.isLoading = true;
    try {
      await work();
      this.hasFailed = false;
    } catch {
      this.hasFailed = true;
    } finally {
      this.isLoading = false;
    }
  }
}

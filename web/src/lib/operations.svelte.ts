// What the operations page knows: asks every five seconds while somebody looks, and keeps the lags of the last minutes.
import type { OperationsOverview, OperatorDeadLetter } from '../../../schemas/operations.ts';
import type { Api } from './api.ts';

const everyMs = 5_000;
const samplesMax = 60;
const lettersOnce = 20;

export type LetterKind = 'all' | 'void' | 'skipped';

export class OperationsWatch {
  seen = $state.raw<OperationsOverview | null>(null);
  isStale = $state(false);
  letters = $state.raw<OperatorDeadLetter[]>([]);
  nextCursor = $state.raw<string | null>(null);
  kind = $state<LetterKind>('all');
  /** Per projection, oldest first. */
  lags = $state.raw<Record<string, number[]>>({});
  readonly #api: Api;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Answers what ends it. */
  start(): () => void {
    this.#isOpen = true;
    const onVisible = () => {
      if (document.visibilityState === 'visible') void this.refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    void this.refresh();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const [seen] = await Promise.all([this.#api.operations(), this.#loadLetters()]);
      this.seen = seen;
      this.isStale = false;
      const kept = Object.fromEntries(seen.projections.map(({ name, lag }) => [name, this.#with(name, lag)]));
      this.lags = kept;
    } catch {
      this.isStale = true;
    }
    clearTimeout(this.#timer);
    if (this.#isOpen && document.visibilityState === 'visible')
      this.#timer = setTimeout(() => void this.refresh(), everyMs);
  }

  async show(kind: LetterKind): Promise<void> {
    this.kind = kind;
    this.letters = [];
    await this.#loadLetters();
  }

  async more(): Promise<void> {
    if (!this.nextCursor) return;
    const page = await this.#page(this.nextCursor);
    this.letters = [...this.letters, ...page.items];
    this.nextCursor = page.nextCursor;
  }

  #page(cursor?: string) {
    const { kind } = this;
    return this.#api.deadLetters({ limit: lettersOnce, cursor, only: kind === 'all' ? undefined : kind });
  }

  /** The first page again; whoever has asked for more keeps what is further down. */
  async #loadLetters(): Promise<void> {
    const { kind } = this;
    const page = await this.#page();
    if (kind !== this.kind) return;
    const fresh = new Set(page.items.map(placeOf));
    const last = page.items.at(-1);
    const from = last ? this.letters.findIndex((letter) => placeOf(letter) === placeOf(last)) : -1;
    const further = from < 0 ? [] : this.letters.slice(from + 1).filter((each) => !fresh.has(placeOf(each)));
    this.letters = [...page.items, ...further];
    if (further.length === 0) this.nextCursor = page.nextCursor;
  }

  #with(name: string, lag: number): number[] {
    return [...(this.lags[name] ?? []), lag].slice(-samplesMax);
  }
}

export const placeOf = ({
  topic,
  partition,
  offset,
}: Pick<OperatorDeadLetter, 'topic' | 'partition' | 'offset'>) => `${topic}/${partition}/${offset}`;

// How far history has come, for reads that must see what was written before. Knows without asking when history runs in
// the same process; otherwise asks while somebody waits.
import { OutsideError } from '../../ports/errors.ts';
import type { HistoryReader } from '../../ports/history/port.ts';

type Waiter = { wanted: number[]; done: () => void };

const firstPauseMs = 2;
const longestPauseMs = 50;

export class Freshness {
  readonly #history: Pick<HistoryReader, 'applied'>;
  readonly #timeoutMs: number;
  #closed = false;
  readonly #topics = new Map<string, { applied: number[]; waiters: Set<Waiter>; asking: boolean }>();

  constructor(options: { history: Pick<HistoryReader, 'applied'>; timeoutMs: number }) {
    this.#history = options.history;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Told by a history consumer in this process, or learnt from a snapshot. */
  advanced(topic: string, partition: number, next: number): void {
    const known = this.#topic(topic);
    if (next <= (known.applied[partition] ?? 0)) return;
    known.applied[partition] = next;
    this.#wake(known);
  }

  /** Whether all of it is known to be in the rows already; without asking. */
  has(topic: string, wanted: number[]): boolean {
    return reached(this.#topic(topic).applied, wanted);
  }

  /** Resolves when the event at this place is in the rows; OutsideError `history_behind` when that takes too long. */
  place(topic: string, partition: number, place: number, timeoutMs?: number): Promise<void> | undefined {
    if ((this.#topic(topic).applied[partition] ?? 0) >= place) return undefined;
    const wanted: number[] = [];
    wanted[partition] = place;
    return this.all(topic, wanted, timeoutMs);
  }

  /** The same for one place per partition; undefined when there is nothing to wait for. */
  all(topic: string, wanted: number[], timeoutMs = this.#timeoutMs): Promise<void> | undefined {
    if (this.has(topic, wanted)) return undefined;
    const known = this.#topic(topic);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        // A copy: the caller's may be the tail's own, which moves on.
        wanted: wanted.slice(),
        done: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        known.waiters.delete(waiter);
        reject(
          new OutsideError('history_behind', 'later', 'History is behind the log. Try again in a moment.'),
        );
      }, timeoutMs);
      known.waiters.add(waiter);
      if (!known.asking) void this.#ask(topic, known);
    });
  }

  /** Waits as long as it takes, for work in the background. */
  async untilApplied(topic: string, wanted: number[]): Promise<void> {
    while (!this.#closed) {
      try {
        await this.all(topic, wanted);
        return;
      } catch {
        // Behind, or away: asked again until it is there.
      }
    }
  }

  close(): void {
    this.#closed = true;
  }

  #topic(topic: string) {
    let known = this.#topics.get(topic);
    if (!known) {
      known = { applied: [], waiters: new Set(), asking: false };
      this.#topics.set(topic, known);
    }
    return known;
  }

  async #ask(topic: string, known: { applied: number[]; waiters: Set<Waiter>; asking: boolean }) {
    known.asking = true;
    let pauseMs = firstPauseMs;
    while (known.waiters.size > 0) {
      try {
        const applied = await this.#history.applied(topic);
        for (const [partition, next] of applied.entries()) {
          known.applied[partition] = Math.max(next, known.applied[partition] ?? 0);
        }
        this.#wake(known);
      } catch {
        // The waiters' own deadlines answer for it.
        pauseMs = longestPauseMs;
      }
      if (known.waiters.size === 0) break;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
    }
    known.asking = false;
  }

  #wake(known: { applied: number[]; waiters: Set<Waiter> }): void {
    for (const waiter of known.waiters) {
      if (!reached(known.applied, waiter.wanted)) continue;
      known.waiters.delete(waiter);
      waiter.done();
    }
  }
}

const reached = (applied: number[], wanted: number[]): boolean =>
  wanted.every((place, partition) => (applied[partition] ?? 0) >= place);

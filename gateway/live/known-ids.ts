// Which messages the log has already, so that sending again returns the first one for ever and costs nothing the first
// time: the newest ids exactly, all others by a filter that says "certainly not" or "look in history".
import { reasonOf } from '../../ports/errors.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { Bloom } from './bloom.ts';
import type { Recent } from './ring.ts';

const pageSize = 10_000;
const retryMs = 1_000;

/** What is kept of a message seen on the tail. `verdict` is shared with the ring's record of the same event. */
export type Seen = Pick<Recent, 'partition' | 'place' | 'verdict'> & { conversationId: string };

export class KnownIds {
  readonly #history: Pick<HistoryReader, 'messageIds'>;
  readonly #recentMax: number;
  #young = new Map<string, Seen>();
  #old = new Map<string, Seen>();
  #filters = [new Bloom(1_000_000)];
  #complete = false;
  #closed = false;

  constructor(options: { history: Pick<HistoryReader, 'messageIds'>; recentMax: number }) {
    this.#history = options.history;
    this.#recentMax = options.recentMax;
  }

  /** The first time this id was seen on the tail, as far back as that is remembered. */
  seen(id: string): Seen | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  note(id: string, seen: Seen): void {
    this.#young.set(id, seen);
    this.#add(id);
    if (this.#young.size * 2 < this.#recentMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** False: history certainly has no such message, nothing need be asked. */
  mayBeStored(id: string): boolean {
    return !this.#complete || this.#filters.some((filter) => filter.mayHave(id));
  }

  /** Reads all ids into the filter, in the background; until it is done everything is asked of history. */
  async load(onFailure: (reason: string) => void): Promise<void> {
    let after = '';
    while (!this.#closed) {
      try {
        const ids = await this.#history.messageIds({ after, limit: pageSize });
        for (const id of ids) this.#add(id);
        after = ids.at(-1) ?? after;
        if (ids.length < pageSize) break;
      } catch (error) {
        onFailure(reasonOf(error));
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
    this.#complete = !this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  #add(id: string): void {
    let filter = this.#filters.at(-1) as Bloom;
    if (filter.size >= filter.capacity) {
      filter = new Bloom(filter.capacity * 2);
      this.#filters.push(filter);
    }
    filter.add(id);
  }
}

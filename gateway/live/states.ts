// The state of every conversation that somebody here is concerned with: read from history on first use, bridged to the
// tail out of the ring, kept by the tail from then on. There is no await between a check against it and an append.
import { OutsideError } from '../../ports/errors.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { type ConversationState, stateOf } from '../../producers/state.ts';
import type { Freshness } from './freshness.ts';
import type { Recent, Ring } from './ring.ts';

export type Entry = {
  readonly id: string;
  readonly partition: number;
  state: ConversationState | null;
  /** How far everybody has read. */
  readonly marks: Map<string, number>;
  /** The state came out of history as of this place; events up to it are settled there. */
  base: number;
  /** Place of the newest event of this conversation seen on the tail. */
  last: number;
  /** Events that came while the state was being read; null once it is ready. */
  held: Recent[] | null;
  ready: Promise<void>;
};

export type StatesOptions = {
  history: Pick<HistoryReader, 'conversation'>;
  ring: Ring;
  freshness: Freshness;
  topic: string;
  partitionOf: (conversationId: string) => number;
  isFollowed: (conversationId: string) => boolean;
  /** An event after the entry's base, in order: admit it, take it in; show it when it was `held`. */
  take: (entry: Entry, recent: Recent, show: boolean) => void;
  /** An event at or before the entry's base: history has decided about it already. */
  settled: (entry: Entry, recent: Recent) => void;
  /** More events wait than may be held: whoever follows it must come back and resync. */
  overflow: (conversationId: string) => void;
  max: number;
  heldMax: number;
};

const retryMs = 200;

export class States {
  readonly #options: StatesOptions;
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: StatesOptions) {
    this.#options = options;
  }

  /** The entry when it is ready, without waiting. */
  ready(id: string): Entry | null {
    const entry = this.#entries.get(id);
    return entry && entry.held === null ? entry : null;
  }

  /** Ready or being read. */
  peek(id: string): Entry | null {
    return this.#entries.get(id) ?? null;
  }

  /** Waits until the state is here. Throws OutsideError with retry `later` when it cannot be read. */
  async load(id: string, timeoutMs: number): Promise<Entry> {
    const entry = this.#entries.get(id) ?? this.#begin(id);
    if (entry.held === null) return entry;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new OutsideError('state_unavailable', 'later', 'History does not answer. Try again in a moment.'),
          ),
        timeoutMs,
      );
    });
    try {
      await Promise.race([entry.ready, late]);
    } finally {
      clearTimeout(timer);
    }
    return entry;
  }

  /** A conversation that cannot have events yet, because its id has just been made. */
  fresh(id: string): Entry {
    const known = this.#entries.get(id);
    if (known) return known;
    const entry = this.#entry(id);
    entry.held = null;
    this.#entries.set(id, entry);
    return entry;
  }

  /** An event of a conversation that somebody here is concerned with. Reads its state when that is not here yet. */
  onEvent(recent: Recent): void {
    const id = recent.event.subject;
    const entry = this.#entries.get(id) ?? this.#begin(id);
    entry.last = recent.place;
    if (entry.held) {
      entry.held.push(recent);
      if (entry.held.length > this.#options.heldMax) {
        entry.held.length = 0;
        this.#options.overflow(id);
      }
    } else if (recent.place <= entry.base) this.#options.settled(entry, recent);
    else this.#options.take(entry, recent, true);
  }

  /** First held event of each conversation that is being read: nobody has been sent these yet. */
  *heldPlaces(): Generator<{ partition: number; place: number }> {
    for (const { held, partition } of this.#entries.values()) {
      const first = held?.[0];
      if (first) yield { partition, place: first.place };
    }
  }

  /** Ready or being read, in no order. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  close(): void {
    this.#closed = true;
  }

  #entry(id: string): Entry {
    return {
      id,
      partition: this.#options.partitionOf(id),
      state: null,
      marks: new Map(),
      base: 0,
      last: 0,
      held: [],
      ready: Promise.resolve(),
    };
  }

  #begin(id: string): Entry {
    this.#evict();
    const entry = this.#entry(id);
    this.#entries.set(id, entry);
    entry.ready = this.#read(entry);
    // Whoever waits hears of a failure by itself.
    entry.ready.catch(() => undefined);
    return entry;
  }

  async #read(entry: Entry): Promise<void> {
    for (;;) {
      try {
        if (await this.#tryRead(entry)) return;
      } catch (error) {
        // Nobody's event waits for it: the next who asks tries again.
        if (this.#closed || entry.held?.length === 0) {
          this.#entries.delete(entry.id);
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** False: history is too far behind for the ring; it has been waited for, read again. */
  async #tryRead(entry: Entry): Promise<boolean> {
    const { history, ring, freshness, topic, take, settled } = this.#options;
    const { partition } = entry;
    const { stored, applied, marks } = await history.conversation(entry.id);
    for (const [at, next] of applied.entries()) freshness.advanced(topic, at, next);
    const base = applied[partition] ?? 0;
    const bridge = ring.after(partition, base);
    if (!bridge) {
      await freshness.place(topic, partition, ring.dropped(partition));
      return false;
    }
    entry.state = stored ? stateOf(stored.conversation, stored.members) : null;
    for (const mark of marks) entry.marks.set(mark.userId, mark.position);
    entry.base = base;
    const held = new Set(entry.held);
    entry.held = null;
    for (const recent of held) if (recent.place <= base) settled(entry, recent);
    for (const recent of bridge) {
      if (recent.event.subject !== entry.id) continue;
      entry.last = recent.place;
      take(entry, recent, held.has(recent));
    }
    return true;
  }

  #evict(): void {
    if (this.#entries.size < this.#options.max) return;
    for (const [id, entry] of this.#entries) {
      if (entry.held || this.#options.isFollowed(id)) continue;
      this.#entries.delete(id);
      return;
    }
  }
}

// The states of conversations that history worked on last, each lent to one batch at a time.
import type { ConversationState } from '../../producers/state.ts';

type Kept = { partition: number; state: ConversationState };

/** Bounded by members, because that is what a state consists of. */
export class StateCache {
  readonly #membersMax: number;
  /** Oldest use first. */
  readonly #kept = new Map<string, Kept>();
  #members = 0;

  constructor(membersMax: number) {
    this.#membersMax = membersMax;
  }

  /** Hands the state over: a batch that fails does not bring it back, so nothing that ran ahead stays. */
  take(id: string): ConversationState | undefined {
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    this.#kept.delete(id);
    this.#members -= kept.state.members.size;
    return kept.state;
  }

  put(partition: number, id: string, state: ConversationState): void {
    this.take(id);
    this.#kept.set(id, { partition, state });
    this.#members += state.members.size;
    for (const oldest of this.#kept.keys()) {
      if (this.#members <= this.#membersMax || oldest === id) break;
      this.take(oldest);
    }
  }

  drop(partition: number): void {
    for (const [id, kept] of this.#kept) if (kept.partition === partition) this.take(id);
  }
}

// What this gateway's tail last said of each person's presence. The tail is ahead of the projection: whoever begins to
// watch between the two would be told neither by a frame nor by the rows.
import type { PresenceRow } from '../../schemas/rows.ts';

export class LastHeard {
  readonly #max: number;
  readonly #rows = new Map<string, PresenceRow>();

  constructor(max: number) {
    this.#max = max;
  }

  /** In the order of the log. Whoever was not heard of for longest is forgotten first: their row has long been projected. */
  note(row: PresenceRow): void {
    this.#rows.delete(row.userId);
    this.#rows.set(row.userId, row);
    if (this.#rows.size <= this.#max) return;
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }

  of(userId: string): PresenceRow | undefined {
    return this.#rows.get(userId);
  }
}

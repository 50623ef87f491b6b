// Where the events of one conversation stood and where they stand now. Both sides rise, so that what was before something
// stays before it: every comparison of places means the same in the new log.

export class PlaceMap {
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  /** The next event: it stood at `from` and stands at `to`. */
  add(from: number, to: number): void {
    if (from <= (this.#from.at(-1) ?? 0) || to <= (this.#to.at(-1) ?? 0))
      throw new Error(`places must rise: ${from} -> ${to} after ${this.#from.at(-1)} -> ${this.#to.at(-1)}`);
    this.#from.push(from);
    this.#to.push(to);
  }

  /** The new place of the first event at or after an old one, or behind all: what a stretch begins or ends with. */
  atOrAfter(place: number): number {
    return this.#to[this.#countBefore(place)] ?? (this.#to.at(-1) ?? 0) + 1;
  }

  /** The new place of the last event at or before an old one: how far something reaches. 0: there is none. */
  atOrBefore(place: number): number {
    return this.#to[this.#countBefore(place + 1) - 1] ?? 0;
  }

  /** Events that stood before this place. */
  #countBefore(place: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

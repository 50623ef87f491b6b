// The recent events of every partition of chat.conversations: what bridges history's position to the present.
import type { ConversationEvent } from '../../schemas/events.ts';

/** One event at its place. The verdict is filled in when the conversation's state at that place is known here. */
export type Recent = {
  partition: number;
  /** offset + 1 */
  place: number;
  event: ConversationEvent;
  bytes: number;
  verdict: 'unknown' | 'admitted' | 'void';
};

type Lane = { recents: Recent[]; start: number; dropped: number };

export class Ring {
  readonly #lanes: Lane[];
  readonly #eventsMax: number;
  readonly #bytesMax: number;
  #bytes = 0;

  /** `from[p]`: the place after which everything will be pushed. */
  constructor(from: number[], bounds: { eventsMax: number; bytesMax: number }) {
    this.#lanes = from.map((dropped) => ({ recents: [], start: 0, dropped }));
    this.#eventsMax = Math.ceil(bounds.eventsMax / from.length);
    this.#bytesMax = bounds.bytesMax;
  }

  push(recent: Recent): void {
    const lane = this.#lane(recent.partition);
    lane.recents.push(recent);
    this.#bytes += recent.bytes;
    if (lane.recents.length - lane.start > this.#eventsMax) this.#drop(lane);
    while (this.#bytes > this.#bytesMax) this.#drop(this.#longest());
  }

  /** Events with a greater place, in order; null when the ring no longer reaches back so far. */
  after(partition: number, place: number): Recent[] | null {
    const lane = this.#lane(partition);
    if (place < lane.dropped) return null;
    let low = lane.start;
    let high = lane.recents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((lane.recents[middle] as Recent).place > place) high = middle;
      else low = middle + 1;
    }
    return lane.recents.slice(low);
  }

  /** The place up to which events of this partition are no longer here. */
  dropped(partition: number): number {
    return this.#lane(partition).dropped;
  }

  #lane(partition: number): Lane {
    const lane = this.#lanes[partition];
    if (!lane) throw new Error(`there is no partition ${partition}`);
    return lane;
  }

  #drop(lane: Lane): void {
    const oldest = lane.recents[lane.start];
    if (!oldest) return;
    lane.dropped = oldest.place;
    this.#bytes -= oldest.bytes;
    lane.start += 1;
    // The array is cut in large steps, so that dropping costs nothing per event.
    if (lane.start >= 1024 && lane.start * 2 > lane.recents.length) {
      lane.recents = lane.recents.slice(lane.start);
      lane.start = 0;
    }
  }

  #longest(): Lane {
    return this.#lanes.reduce((a, b) => (b.recents.length - b.start > a.recents.length - a.start ? b : a));
  }
}

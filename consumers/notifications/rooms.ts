// Conversations as the notifications part knows them: members with every stretch of theirs, and how far each has read.
// Read from history once and kept up with the events, so it may be ahead of an event, and the stretches say what was then.
import type { HistoryReader } from '../../ports/history/port.ts';
import { type ConversationState, evolve, stateOf } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { MemberRow } from '../../schemas/rows.ts';
import { apply } from '../history/apply.ts';

export type Room = {
  partition: number;
  state: ConversationState;
  marks: Map<string, number>;
  /** The place up to which it knows everything. */
  upTo: number;
};

const loadsAtOnce = 8;

export class Rooms {
  readonly #history: Pick<HistoryReader, 'conversation'>;
  readonly #membersMax: number;
  /** Oldest use first. */
  readonly #rooms = new Map<string, Room>();
  #members = 0;

  constructor(history: Pick<HistoryReader, 'conversation'>, membersMax = 200_000) {
    this.#history = history;
    this.#membersMax = membersMax;
  }

  /** Makes sure that these are here, as far as there are such. */
  async load(ids: Iterable<string>, partition: number): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.#rooms.has(id));
    for (let from = 0; from < missing.length; from += loadsAtOnce)
      await Promise.all(missing.slice(from, from + loadsAtOnce).map((id) => this.#load(id, partition)));
  }

  get(id: string): Room | undefined {
    const room = this.#rooms.get(id);
    if (room) {
      this.#rooms.delete(id);
      this.#rooms.set(id, room);
    }
    return room;
  }

  /** An event that counted, in order. */
  take(event: ConversationEvent, position: number): void {
    const room = this.#rooms.get(event.subject);
    if (!room || position <= room.upTo) return;
    room.upTo = position;
    if (event.type === 'read.marked') {
      const { userId, position: read } = event.data.read;
      room.marks.set(userId, Math.max(read, room.marks.get(userId) ?? 0));
      return;
    }
    const before = room.state.members.size;
    evolve(room.state, apply(event, position));
    this.#members += room.state.members.size - before;
  }

  /** After a stretch is done: what was used longest ago goes. */
  trim(): void {
    for (const [id, { state }] of this.#rooms) {
      if (this.#members <= this.#membersMax) return;
      this.#rooms.delete(id);
      this.#members -= state.members.size;
    }
  }

  drop(partition: number): void {
    for (const [id, room] of this.#rooms) {
      if (room.partition !== partition) continue;
      this.#rooms.delete(id);
      this.#members -= room.state.members.size;
    }
  }

  async #load(id: string, partition: number): Promise<void> {
    const { stored, applied, marks } = await this.#history.conversation(id);
    if (!stored) return;
    const state = stateOf(stored.conversation, stored.members);
    this.#members += state.members.size;
    this.#rooms.set(id, {
      partition,
      state,
      marks: new Map(marks.map((mark) => [mark.userId, mark.position])),
      upTo: applied[partition] ?? 0,
    });
  }
}

/** Whether somebody was a member at this place. */
export const wasMember = (
  { spans, joinedPosition, leftPosition }: Pick<MemberRow, 'spans' | 'joinedPosition' | 'leftPosition'>,
  position: number,
): boolean =>
  (joinedPosition <= position && (leftPosition === null || position < leftPosition)) ||
  spans.some(([from, to]) => from <= position && position < to);

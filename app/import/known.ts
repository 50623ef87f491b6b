// What of an import is in the log already: which events, at which places, and the state that they have made. Looked up in the
// log itself, so that an import that was killed at any moment is simply given again.
import { apply } from '../../consumers/history/apply.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import { admit } from '../../producers/admit.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { Adapters } from '../adapters.ts';
import { scan, stretchesOf } from '../log-scan.ts';

const topic = 'chat.conversations';

export class Known {
  /** Of each event the places where it stands: a retry may have written it twice. */
  readonly #places = new Map<string, number | number[]>();
  readonly states = new Map<string, ConversationState>();

  add(eventId: string, place: number): void {
    const kept = this.#places.get(eventId);
    if (kept === undefined) this.#places.set(eventId, place);
    else this.#places.set(eventId, typeof kept === 'number' ? [kept, place] : [...kept, place]);
  }

  /** The place of its first occurrence. */
  placeOf(eventId: string): number | null {
    const kept = this.#places.get(eventId);
    return kept === undefined ? null : typeof kept === 'number' ? kept : (kept[0] as number);
  }

  /** The same, and the next time the next occurrence. */
  takeOccurrence(eventId: string): number | null {
    const kept = this.#places.get(eventId);
    if (kept === undefined) return null;
    if (typeof kept === 'number') {
      this.#places.delete(eventId);
      return kept;
    }
    const first = kept.shift() ?? null;
    if (kept.length === 0) this.#places.delete(eventId);
    return first;
  }
}

export const partitionsOf = ({ topics }: Pick<Adapters, 'topics'>): number =>
  topics.find(({ name }) => name === topic)?.partitions ?? 1;

/** Looks through the partitions of these conversations. */
export const knownOf = async (
  adapters: Pick<Adapters, 'log' | 'topics'>,
  conversationIds: ReadonlySet<string>,
  progress: (done: number, total: number) => void,
): Promise<Known> => {
  const known = new Known();
  const count = partitionsOf(adapters);
  const partitions = new Set([...conversationIds].map((id) => partitionFor(id, count)));
  const stretches = (await stretchesOf(adapters.log, [topic])).filter(({ partition }) =>
    partitions.has(partition),
  );
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  let looked = 0;
  for await (const { key, value, offset } of scan(adapters.log, stretches, 'partition')) {
    looked += 1;
    if (looked % 1_000 === 0) progress(looked, total);
    if (!conversationIds.has(key)) continue;
    const decoded = decodeEvent(value);
    if (decoded.kind !== 'event') continue;
    const event = decoded.event as ConversationEvent;
    known.add(event.id, offset + 1);
    if (!makesState(event)) continue;
    const state = known.states.get(key) ?? null;
    if (admit(state, event)) continue;
    const next = evolve(state, apply(event, offset + 1));
    if (next) known.states.set(key, next);
  }
  return known;
};

export const makesState = ({ type }: ConversationEvent): boolean =>
  type.startsWith('conversation.') || type.startsWith('member.');

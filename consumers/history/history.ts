// The history projection: admits each event at its place, applies it, and commits rows with the position. What is void
// there changes nothing and is kept as a dead letter that says why.
import { reasonOf } from '../../ports/errors.ts';
import type { Claim, DeadLetter, HistoryWriter } from '../../ports/history/port.ts';
import { admit } from '../../producers/admit.ts';
import { type ConversationState, evolve, stateOf } from '../../producers/state.ts';
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import type { Change } from '../../schemas/rows.ts';
import { CannotApply, type Placed, type Projection, type Work } from '../projection.ts';
import { apply } from './apply.ts';
import { StateCache } from './cache.ts';

export type HistoryOptions = {
  writer: HistoryWriter;
  /** Of the log that is read: rows of another one are refused. */
  epoch: string;
  /** How many memberships are remembered between batches. */
  membersMax?: number;
};

const conversationsTopic = 'chat.conversations';

/** Null: there is no such conversation (yet). */
type States = Map<string, ConversationState | null>;

export class History implements Projection {
  readonly #writer: HistoryWriter;
  readonly #epoch: string;
  readonly #cache: StateCache;

  constructor({ writer, epoch, membersMax = 200_000 }: HistoryOptions) {
    this.#writer = writer;
    this.#epoch = epoch;
    this.#cache = new StateCache(membersMax);
  }

  claim(topic: string, partition: number): Promise<Claim> {
    this.release(topic, partition);
    return this.#writer.claim(topic, partition, this.#epoch);
  }

  release(topic: string, partition: number): void {
    if (topic === conversationsTopic) this.#cache.drop(partition);
  }

  async handle({ topic, partition, fence, next, events, skipped }: Work): Promise<{ voided: number }> {
    const states: States = topic === conversationsTopic ? await this.#statesOf(events) : new Map();
    const changes: Change[] = [];
    const deadLetters = [...skipped];
    for (const placed of events) {
      const letter = applied(states, placed, changes);
      if (letter) deadLetters.push(letter);
    }
    await this.#writer.commit({ topic, partition, fence, next, changes, deadLetters });
    for (const [id, state] of states) if (state) this.#cache.put(partition, id, state);
    return { voided: deadLetters.length - skipped.length };
  }

  /** What this batch needs, read in one go. The store stands exactly at the batch's begin, because we own it. */
  async #statesOf(events: Placed[]): Promise<States> {
    const states: States = new Map();
    const unknown: string[] = [];
    for (const { event } of events) {
      if (states.has(event.subject)) continue;
      const state = this.#cache.take(event.subject) ?? null;
      states.set(event.subject, state);
      if (!state) unknown.push(event.subject);
    }
    if (unknown.length === 0) return states;
    for (const { conversation, members } of await this.#writer.conversations(unknown)) {
      states.set(conversation.id, stateOf(conversation, members));
    }
    return states;
  }
}

/** Adds the event's changes; of a void one the dead letter instead. */
const applied = (
  states: States,
  { event, offset, position }: Placed,
  changes: Change[],
): DeadLetter | null => {
  const ours = event as ConversationEvent | UserEvent;
  try {
    if (ours.type === 'user.registered' || ours.type === 'user.changed') {
      changes.push(...apply(ours, position));
      return null;
    }
    const state = states.get(ours.subject) ?? null;
    const refusal = admit(state, ours);
    if (refusal) {
      const { id: eventId, type, time: at } = ours;
      return { offset, eventId, type, at, reason: `void: ${refusal.code}` };
    }
    const made = apply(ours, position);
    states.set(ours.subject, evolve(state, made));
    for (const change of made) changes.push(change);
    return null;
  } catch (error) {
    throw new CannotApply(reasonOf(error), error);
  }
};

// The tail of chat.conversations: every event once, in order. Admits it at its place, takes it into the state, makes
// its frames once, hands them to whoever follows, and answers the command that caused it, all in one pass.

import { apply } from '../../consumers/history/apply.ts';
import type { LogBatch } from '../../ports/event-log/port.ts';
import { admit } from '../../producers/admit.ts';
import { evolve } from '../../producers/state.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { newMessage } from '../views.ts';
import type { At, Hub } from './hub.ts';
import type { KnownIds, Seen } from './known-ids.ts';
import { Frame } from './outbound.ts';
import type { Pending } from './pending.ts';
import type { Recent, Ring } from './ring.ts';
import { wasAdmitted } from './settled.ts';
import type { Showing } from './showing.ts';
import type { Entry, States } from './states.ts';

export type FanoutOptions = {
  ring: Ring;
  hub: Hub;
  knownIds: KnownIds;
  pending: Pending;
  showing: Showing;
  /** Before these places everything is only remembered (ring, ids), not shown: nobody was here yet. */
  warmUntil: number[];
  onUnreadable: (reason: string) => void;
};

export class Fanout {
  readonly #options: FanoutOptions;
  readonly #tail: number[];
  #states!: States;

  constructor(options: FanoutOptions) {
    this.#options = options;
    this.#tail = [...options.warmUntil];
  }

  /** States and fan-out need each other; the composition hands the states in once. */
  connect(states: States): void {
    this.#states = states;
  }

  /** Place of the last event taken from the tail, per partition. */
  places(): number[] {
    return this.#tail;
  }

  onBatch(batch: LogBatch): void {
    for (const record of batch.records) {
      const place = record.offset + 1;
      const decoded = decodeEvent(record.value);
      if (decoded.kind === 'event') {
        const event = decoded.event as ConversationEvent;
        const bytes = record.value.byteLength;
        this.#onEvent({ partition: record.partition, place, event, bytes, verdict: 'unknown' });
      } else if (decoded.kind !== 'unknown') {
        this.#options.onUnreadable(`${record.topic}/${record.partition}/${record.offset}`);
      }
      if (place > (this.#tail[record.partition] ?? 0)) this.#tail[record.partition] = place;
    }
  }

  #onEvent(recent: Recent): void {
    const { ring, knownIds, warmUntil } = this.#options;
    const { event, partition, place } = recent;
    ring.push(recent);
    const first = event.type === 'message.sent' ? knownIds.seen(event.id) : undefined;
    if (event.type === 'message.sent' && (!first || first.verdict === 'void')) {
      knownIds.note(event.id, seenOf(recent));
    }
    if (place <= (warmUntil[partition] ?? 0)) return;
    if (first && first.verdict !== 'void' && this.#isRepetition(recent, first)) return;
    if (this.#concerns(event) || this.#states.peek(event.subject)) this.#states.onEvent(recent);
  }

  /** The same message again, behind an admitted first one: void. */
  #isRepetition(recent: Recent, first: Seen): boolean {
    if (first.verdict !== 'admitted') return false;
    recent.verdict = 'void';
    this.#options.pending.settle(recent.event.id, { kind: 'repeated', first });
    return true;
  }

  #concerns(event: ConversationEvent): boolean {
    const { hub, pending } = this.#options;
    if (pending.has(event.id) || hub.followers(event.subject)) return true;
    if (event.type !== 'conversation.created' && event.type !== 'member.added') return false;
    return event.data.members.some(({ userId }) => hub.user(userId) !== undefined);
  }

  /** An event after the state's base, in order. */
  take(entry: Entry, recent: Recent, show: boolean): void {
    const { event, place } = recent;
    const refusal = admit(entry.state, event) ?? this.#repeatedIn(entry, recent);
    if (refusal) {
      this.#verdict(recent, 'void');
      this.#options.pending.settle(event.id, refusal);
      return;
    }
    this.#verdict(recent, 'admitted');
    const changes = apply(event, place);
    entry.state = evolve(entry.state, changes);
    if (show) this.#show(entry, recent);
    else this.#mark(entry, event);
  }

  /** An event that history had taken before the state was read. */
  settled(entry: Entry, recent: Recent): void {
    const { event, place } = recent;
    const first = this.#repeatedIn(entry, recent);
    if (first || !wasAdmitted(entry.state, event, place)) {
      this.#verdict(recent, 'void');
      this.#options.pending.settle(
        event.id,
        first ?? {
          kind: 'refusal',
          code: 'conflict',
          detail: 'Somebody else was first. Look again and repeat.',
        },
      );
      return;
    }
    this.#verdict(recent, 'admitted');
    this.#show(entry, recent, true);
  }

  /** A repetition that could not be told when it came by, because the first one's verdict was not known then. */
  #repeatedIn(entry: Entry, recent: Recent): { kind: 'repeated'; first: Seen } | null {
    const { event, place } = recent;
    if (event.type !== 'message.sent') return null;
    const first = this.#options.knownIds.seen(event.id);
    if (!first || first.place >= place || first.verdict === 'void') return null;
    if (first.verdict === 'unknown' && !wasAdmitted(entry.state, event, first.place)) return null;
    return { kind: 'repeated', first };
  }

  #verdict(recent: Recent, verdict: Recent['verdict']): void {
    recent.verdict = verdict;
    if (recent.event.type !== 'message.sent') return;
    const seen = this.#options.knownIds.seen(recent.event.id);
    if (seen?.place === recent.place) seen.verdict = verdict;
  }

  /** Shows an admitted event to its followers and answers its command. */
  #show(entry: Entry, recent: Recent, settled = false): void {
    const { pending, hub, showing } = this.#options;
    const { event, place } = recent;
    if (event.type !== 'message.sent') {
      const moved = this.#mark(entry, event);
      // A settled mark has moved the state already, but nobody has been shown it.
      if (moved || settled) showing.show(entry, recent);
      pending.settle(event.id, { kind: 'admitted', recent });
      return;
    }
    const { message: row } = event.data;
    const message = newMessage({ ...row, position: place });
    const json = JSON.stringify(message);
    const at: At = { conversationId: entry.id, place };
    const followers = hub.followers(entry.id);
    if (followers) {
      const frame = new Frame(`{"type":"message","message":${json}}`);
      for (const user of followers) for (const socket of user.sockets) socket.deliver(frame, at);
    }
    pending.settle(event.id, { kind: 'admitted', recent, sent: { message, json } });
  }

  /** Read marks only move forward; an event that moves none is not shown. */
  #mark(entry: Entry, event: ConversationEvent): boolean {
    if (event.type !== 'read.marked') return true;
    const { userId, position } = event.data.read;
    if (position <= (entry.marks.get(userId) ?? 0)) return false;
    entry.marks.set(userId, position);
    return true;
  }
}

const seenOf = (recent: Recent): Seen => ({
  partition: recent.partition,
  place: recent.place,
  verdict: recent.verdict,
  conversationId: recent.event.subject,
});

import { expect, test } from 'vitest';
import { apply } from '../../consumers/history/apply.ts';
import { addMembers, createConversation } from '../../producers/conversation.ts';
import type { Decision } from '../../producers/decider.ts';
import { sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MemberRow } from '../../schemas/rows.ts';
import { placesConcerning } from './concerning.ts';
import { Ring } from './ring.ts';

type Seen = Parameters<typeof placesConcerning>[0];

const [an, binh] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
const context = { actorId: an, now: '2026-01-02T03:04:05.678Z', newId: () => crypto.randomUUID() };
const eventOf = (decision: Decision): ConversationEvent => {
  if (isRefusal(decision)) throw new Error(decision.code);
  return decision[0] as ConversationEvent;
};
const group = (...memberIds: string[]) =>
  eventOf(createConversation({ isGroup: true, name: 'Trip', memberIds }, context));
const stateAfter = (event: ConversationEvent) => evolve(null, apply(event, 1)) as ConversationState;
const message = (state: ConversationState) =>
  eventOf(
    sendMessage(
      state,
      { ref: crypto.randomUUID(), content: 'x', replyTo: null, attachments: [], mentions: [] },
      context,
    ),
  );

/** A tail that has shown this, event by event, of which `forgotten` are no longer remembered. */
const seenOf = (lanes: ConversationEvent[][], forgotten = 0, states: object[] = []): Seen => {
  const ring = new Ring(
    lanes.map(() => forgotten),
    { eventsMax: 1000, bytesMax: 1e6 },
  );
  const partitions = new Map<string, number>();
  for (const [partition, events] of lanes.entries())
    for (const [at, event] of events.entries()) {
      partitions.set(event.subject, partition);
      if (at >= forgotten) ring.push({ partition, place: at + 1, event, bytes: 1, verdict: 'admitted' });
    }
  return {
    ring,
    tailPlaces: () => lanes.map((events) => events.length),
    partitionOf: (id: string) => partitions.get(id) ?? 0,
    states: { entries: () => states },
  } as unknown as Seen;
};
const snapshot = (applied: number[], ...conversationIds: string[]) => ({
  applied,
  memberships: conversationIds.map((conversationId) => ({
    member: { conversationId } as MemberRow,
    changed: 1,
  })),
});

test('only the newest event about a conversation of the person counts, in each partition', () => {
  const [own, other] = [group(), group()];
  const [of, no] = [stateAfter(own), stateAfter(other)];
  const seen = seenOf([
    [own, message(of), message(of)],
    [other, message(no)],
  ]);
  // The last of partition 0 is of another conversation.
  const mixed = seenOf([[own, message(of), message(no)], []]);
  expect(placesConcerning(seen, an, snapshot([1, 1], own.subject))).toEqual([3, 0]);
  expect(placesConcerning(mixed, an, snapshot([1, 0], own.subject))).toEqual([2, 0]);
  expect(placesConcerning(seen, an, snapshot([3, 2], own.subject))).toEqual([0, 0]);
});

test('who is let in is concerned from there on, also with what is said afterwards', () => {
  const made = group();
  const state = stateAfter(made);
  const added = eventOf(addMembers(state, { userIds: [binh], isAdmin: false }, context));
  const seen = seenOf([[made, message(state), added, message(state)]]);
  expect(placesConcerning(seen, binh, snapshot([1]))).toEqual([4]);
  expect(placesConcerning(seenOf([[made, message(state), added]]), binh, snapshot([1]))).toEqual([3]);
});

test('beyond what is remembered it is whoever has a conversation there, or is known to have been let in', () => {
  const [made, fresh] = [group(), group(binh)];
  const state = stateAfter(made);
  const lane = [made, message(state), fresh, message(state)];
  expect(placesConcerning(seenOf([lane], 4), an, snapshot([1], made.subject))).toEqual([4]);
  expect(placesConcerning(seenOf([lane], 4), binh, snapshot([1]))).toEqual([0]);
  const entry = { partition: 0, last: 3, state: stateAfter(fresh) };
  expect(placesConcerning(seenOf([lane], 4, [entry]), binh, snapshot([1]))).toEqual([4]);
  expect(placesConcerning(seenOf([lane], 4, [{ ...entry, last: 1 }]), binh, snapshot([1]))).toEqual([0]);
});

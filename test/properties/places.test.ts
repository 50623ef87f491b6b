// Laws of a log that is copied to other places, over random histories: the copy means what the log meant.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprint } from '../../app/places/fingerprint.ts';
import { PlaceMap } from '../../app/places/place-map.ts';
import { translate } from '../../app/places/translate.ts';
import { apply } from '../../consumers/history/apply.ts';
import { admit } from '../../producers/admit.ts';
import { type ConversationState, evolve, maySee } from '../../producers/state.ts';
import { decodeEvent, encodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { anySteps, conversationIds, logOf } from './histories.ts';
import { oracle } from './oracle.ts';

const seed = Number(process.env.PROPERTY_SEED ?? 20261130);
const runs = { seed, numRuns: 60, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false };

type Placed = { event: ConversationEvent; place: number };

/** The same events elsewhere: conversation by conversation, with gaps, as `gaps` says. */
const copied = (
  log: ConversationEvent[],
  gaps: number[],
): { copy: Placed[]; maps: Map<string, PlaceMap> } => {
  const maps = new Map<string, PlaceMap>();
  const copy: Placed[] = [];
  let place = 0;
  for (const id of conversationIds(1).reverse()) {
    for (const [index, event] of log.entries()) {
      if (event.subject !== id) continue;
      place += 1 + (gaps[index % gaps.length] as number);
      const places = maps.get(id) ?? new PlaceMap();
      maps.set(id, places);
      places.add(index + 1, place);
      copy.push({ event: translate(event, places) as ConversationEvent, place });
    }
  }
  return { copy, maps };
};

const placed = (log: ConversationEvent[]): Placed[] => log.map((event, i) => ({ event, place: i + 1 }));

/** States after the last event, and which events were void, by their order in their conversation. */
const played = (log: Placed[]) => {
  const states = new Map<string, ConversationState | null>();
  const voids: string[] = [];
  const rows = new Map<string, { rev: number; text: string; place: number }>();
  const marks = new Map<string, { rev: number; place: number }>();
  const seen = new Map<string, number>();
  for (const { event, place } of log) {
    const number = (seen.get(event.subject) ?? 0) + 1;
    seen.set(event.subject, number);
    const state = states.get(event.subject) ?? null;
    if (admit(state, event)) {
      voids.push(`${event.subject} ${number}`);
      continue;
    }
    const changes = apply(event, place);
    states.set(event.subject, evolve(state, changes));
    for (const { table, key, row } of changes) {
      if (table === 'messages' && row.rev > (rows.get(key)?.rev ?? 0))
        rows.set(key, { rev: row.rev, text: `${row.conversationId} ${row.content}`, place: row.position });
      if (table === 'read_marks' && row.rev > (marks.get(key)?.rev ?? 0))
        marks.set(key, { rev: row.rev, place: row.position });
    }
  }
  return { states, voids: voids.sort(), rows, marks };
};

const anyGaps = fc.array(fc.nat(3), { minLength: 1, maxLength: 7 });

test('who may see which message, who has read it, what it says and what is void are the same in the copy', () => {
  fc.assert(
    fc.property(anySteps, anyGaps, (steps, gaps) => {
      const log = logOf(1, steps);
      const { copy, maps } = copied(log, gaps);
      const before = played(placed(log));
      const after = played(copy);
      expect(after.voids).toEqual(before.voids);
      expect([...after.rows.keys()].sort()).toEqual([...before.rows.keys()].sort());
      for (const [id, row] of before.rows) {
        const moved = after.rows.get(id);
        const [conversationId] = row.text.split(' ') as [string];
        // A message that two conversations claim belongs to whichever log came first.
        if (moved?.text.split(' ')[0] !== conversationId) continue;
        expect(moved).toMatchObject({ rev: row.rev, text: row.text });
        expect(moved?.place).toBe(maps.get(conversationId)?.atOrAfter(row.place));
        const [was, is] = [before.states.get(conversationId), after.states.get(conversationId)];
        for (const userId of was?.members.keys() ?? []) {
          expect(maySee(is as ConversationState, userId, moved?.place as number)).toBe(
            maySee(was as ConversationState, userId, row.place),
          );
          const key = `${conversationId}/${userId}`;
          const hasRead = (marks: typeof before.marks, place: number) =>
            (marks.get(key)?.place ?? 0) >= place;
          expect(hasRead(after.marks, moved?.place as number)).toBe(hasRead(before.marks, row.place));
        }
      }
      for (const [id, state] of before.states)
        for (const [userId, member] of state?.members ?? []) {
          const { spans, joinedPosition, leftPosition, ...rest } = member;
          const map = maps.get(id) as PlaceMap;
          expect(after.states.get(id)?.members.get(userId)).toEqual({
            ...rest,
            joinedPosition: map.atOrAfter(joinedPosition),
            leftPosition: leftPosition === null ? null : map.atOrAfter(leftPosition),
            spans: spans.map(([from, to]) => [map.atOrAfter(from), map.atOrAfter(to)]),
          });
        }
    }),
    runs,
  );
});

test('the story that is told without any of our code is the same, with each place renamed', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const log = logOf(1, steps);
      const { copy, maps } = copied(log, [0]);
      const [before, after] = [oracle(log), oracle(copy.map(({ event }) => event))];
      expect(after.voids.length).toBe(before.voids.length);
      for (const [id, room] of before.rooms) {
        const map = maps.get(id) as PlaceMap;
        const moved = after.rooms.get(id);
        const at = (place: number | null) => (place === null ? null : map.atOrAfter(place));
        for (const member of room.members.values())
          member.stays = member.stays.map(([from, to]) => [map.atOrAfter(from), at(to)]);
        for (const message of room.messages.values()) message.place = map.atOrAfter(message.place);
        for (const [userId, mark] of room.marks) room.marks.set(userId, map.atOrBefore(mark));
        expect(moved).toEqual(room);
      }
    }),
    runs,
  );
});

const recordsOf = (log: Placed[]) =>
  log.map(({ event, place }) => ({
    topic: 'chat.conversations',
    key: event.subject,
    offset: place - 1,
    value: encodeEvent(event),
  }));

const printOf = (log: Placed[]): Fingerprint => {
  const print = new Fingerprint();
  for (const record of recordsOf(log)) print.take(record);
  return print;
};

test('a copy has the fingerprint of its log, and one that lacks, repeats, swaps or changes an event has not', () => {
  fc.assert(
    fc.property(anySteps, anyGaps, fc.nat(1000), fc.nat(3), (steps, gaps, pick, harm) => {
      const log = logOf(1, steps);
      const { copy } = copied(log, gaps);
      const print = printOf(placed(log));
      expect(printOf(copy).digest).toBe(print.digest);
      expect(printOf(copy).differences(print)).toEqual([]);
      const at = pick % copy.length;
      const harmed = copy.flatMap((one, i): Placed[] => {
        if (i !== at) return [one];
        if (harm === 0) return [];
        if (harm === 1) return [{ ...one, event: { ...one.event, actor: null } }];
        const id = '00000000-0000-4000-8000-ffffffffffff';
        return harm === 2
          ? [{ ...one, event: { ...one.event, id } }]
          : [one, { ...one, place: one.place + 0.5 }];
      });
      expect(printOf(harmed).digest).not.toBe(print.digest);
      expect(printOf(harmed).differences(print)).toHaveLength(1);
    }),
    runs,
  );
});

test('a translated event is one that every reader takes', () => {
  fc.assert(
    fc.property(anySteps, anyGaps, (steps, gaps) => {
      for (const { event } of copied(logOf(1, steps), gaps).copy)
        expect(decodeEvent(encodeEvent(event))).toEqual({ kind: 'event', event });
    }),
    { ...runs, numRuns: 20 },
  );
});

test('a place that no event has lies between the same events as before', () => {
  const map = new PlaceMap();
  for (const [from, to] of [
    [3, 10],
    [7, 11],
    [20, 30],
  ] as const)
    map.add(from, to);
  expect([1, 3, 4, 7, 8, 20, 21].map((place) => map.atOrAfter(place))).toEqual([10, 10, 11, 11, 30, 30, 31]);
  expect([1, 3, 4, 7, 8, 20, 99].map((place) => map.atOrBefore(place))).toEqual([0, 10, 10, 11, 11, 30, 30]);
  expect(() => map.add(20, 31)).toThrow('rise');
  expect(() => map.add(21, 30)).toThrow('rise');
});

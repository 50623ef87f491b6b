// Arrivals with history and tail under the test's hand: each may be ahead of the other, and either may fail on the way.

import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { apply } from '../../consumers/history/apply.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import { createConversation } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { pin, sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { ServerFrame } from '../../schemas/frames.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MemberRow, MessageRow, PinRow } from '../../schemas/rows.ts';
import { Hub } from '../live/hub.ts';
import type { Live } from '../live/live.ts';
import { Outbound } from '../live/outbound.ts';
import { Ring } from '../live/ring.ts';
import { Arrivals } from './arrival.ts';
import { Connection } from './connection.ts';

const an = '00000000-0000-4000-8000-000000000001';
const binh = '00000000-0000-4000-8000-000000000002';
const context: Context = {
  actorId: an,
  now: '2026-01-02T03:04:05.678Z',
  newId: () => crypto.randomUUID(),
};

/** A log of one partition, a history that has applied some of it and a tail that has shown some of it. */
class World {
  readonly #events: ConversationEvent[] = [];
  #ring = new Ring([0], { eventsMax: 10_000, bytesMax: 1e6 });
  readonly #hub = new Hub();
  #whole: ConversationState | null = null;
  #atTail: ConversationState | null = null;
  #tail = 0;
  #applied = 0;
  readonly conversationId: string;
  /** What happens while the history is waited for. */
  duringWait: () => void = () => {};
  /** What happens while history is being asked for missed messages. */
  duringRead: () => void = () => {};

  constructor() {
    const command = { isGroup: true, name: 'Trip', memberIds: [binh] };
    const created = this.#log(createConversation(command, context));
    this.conversationId = created.subject;
  }

  /** Written to the log; history and the tail have yet to see it. */
  said(content: string): void {
    const command = { ref: content, content, replyTo: null, attachments: [], mentions: [] };
    this.#log(sendMessage(this.#whole, command, context));
  }

  /** Likewise: somebody pins the first message. */
  pinned(): void {
    const offset = this.#events.findIndex(({ type }) => type === 'message.sent');
    const sent = this.#events[offset] as Extract<ConversationEvent, { type: 'message.sent' }>;
    const message = { ...sent.data.message, position: offset + 1 };
    this.#log(pin(this.#whole, message, { active: true, former: null, pinned: 0 }, context));
  }

  historyApplies(upTo = this.#events.length): void {
    this.#applied = upTo;
  }

  /** More has come by than a gateway remembers. */
  ringForgets(): void {
    this.#ring = new Ring([this.#tail], { eventsMax: 10_000, bytesMax: 1e6 });
  }

  tailShows(upTo = this.#events.length): void {
    for (; this.#tail < upTo; this.#tail++) {
      const event = this.#events[this.#tail] as ConversationEvent;
      const place = this.#tail + 1;
      this.#ring.push({ partition: 0, place, event, bytes: 1, verdict: 'admitted' });
      this.#atTail = evolve(this.#atTail, apply(event, place));
    }
  }

  /** Somebody comes back who has everything up to this place; answers what they are sent. */
  async arrives(userId: string, cursor: number): Promise<{ frames: ServerFrame[]; closed: number | null }> {
    const frames: ServerFrame[] = [];
    let closed: number | null = null;
    const ws = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (bytes: Buffer) => {
        frames.push(...[JSON.parse(String(bytes))].flat());
      },
      close: (code: number) => {
        closed = code;
      },
      terminate: () => {},
    };
    const connection = new Connection(ws as unknown as WebSocket, new Outbound());
    Object.assign(connection, { userId, sessionId: 's', state: 'arriving' });
    this.#hub.enter(connection);
    const arrivals = new Arrivals({ live: this.#live(), history: this.#history() });
    await arrivals.run(connection, [cursor]);
    await connection.drained();
    return { frames, closed };
  }

  #log(decision: Decision): ConversationEvent {
    if (isRefusal(decision)) throw new Error(decision.code);
    const event = decision[0] as ConversationEvent;
    this.#events.push(event);
    this.#whole = evolve(this.#whole, apply(event, this.#events.length));
    return event;
  }

  #live(): Live {
    const entry = () => ({ id: this.conversationId, partition: 0, base: 0, state: this.#atTail });
    const live = {
      epoch: 'e',
      ring: this.#ring,
      hub: this.#hub,
      partitionOf: () => 0,
      tailPlaces: () => [this.#tail],
      states: { ready: entry, load: async () => entry() },
      freshness: { advanced: () => {}, all: async () => this.duringWait() },
      hydration: {
        // History gets there at once.
        persist: async (_: number, place: number, work: () => Promise<void>) => {
          this.historyApplies(Math.max(place, this.#applied));
          await work();
        },
        stored: async (id: string) => this.#stored().find(({ message }) => message.id === id) ?? null,
      },
    };
    return live as unknown as Live;
  }

  #history(): HistoryReader {
    const members = (): MemberRow[] => [...(this.#whole?.members.values() ?? [])];
    const reader: Partial<HistoryReader> = {
      memberships: async (userId) => ({
        memberships: members()
          .filter((row) => row.userId === userId)
          .map((member) => ({ member, changed: this.#applied })),
        applied: [this.#applied],
      }),
      changedMessages: async ({ visible, since, after, limit }) => {
        this.duringRead();
        const isVisible = (place: number) =>
          visible === 'all' || visible.some(([from, to]) => from <= place && place < to);
        return this.#stored()
          .filter(({ message: { position } }) => position > since && position > after && isVisible(position))
          .slice(0, limit);
      },
      changedMarks: async () => [],
      views: async () => new Map(),
    };
    return reader as HistoryReader;
  }

  #pinOf(messageId: string): PinRow | null {
    const pins = this.#events
      .slice(0, this.#applied)
      .flatMap((event) => (event.type === 'pin.changed' ? [event.data.pin] : []));
    return pins.findLast((row) => row.messageId === messageId) ?? null;
  }

  #stored(): StoredMessage[] {
    return this.#events.slice(0, this.#applied).flatMap((event, offset) => {
      if (event.type !== 'message.sent') return [];
      const message: MessageRow = { ...event.data.message, position: offset + 1 };
      return [{ message, reactions: [], pin: this.#pinOf(message.id), previews: [], changed: offset + 1 }];
    });
  }
}

const textsOf = (frames: ServerFrame[]): string[] =>
  frames.flatMap((frame) => (frame.type === 'message' ? [frame.message.content] : []));

describe('Who comes back is told everything once', () => {
  it('when history is ahead of this gateway’s tail', async () => {
    const world = new World();
    for (const text of ['one', 'two', 'three']) world.said(text);
    world.historyApplies();
    world.tailShows(2);
    // The tail gets there while history is being read.
    world.duringRead = () => world.tailShows();
    const { frames } = await world.arrives(binh, 1);
    expect(textsOf(frames)).toEqual(['one', 'two', 'three']);
  });

  it('when history is behind it', async () => {
    const world = new World();
    for (const text of ['one', 'two', 'three']) world.said(text);
    world.historyApplies(2);
    world.tailShows();
    const { frames } = await world.arrives(binh, 1);
    expect(textsOf(frames)).toEqual(['one', 'two', 'three']);
  });

  it('when history moves on while it is read', async () => {
    const world = new World();
    for (const text of ['one', 'two', 'three']) world.said(text);
    world.historyApplies(2);
    world.tailShows();
    world.duringRead = () => world.historyApplies();
    const { frames } = await world.arrives(binh, 1);
    expect(textsOf(frames)).toEqual(['one', 'two', 'three']);
  });
});

it('Who comes back sees a message pinned that history had not taken in when it was asked', async () => {
  const world = new World();
  world.said('one');
  world.pinned();
  world.historyApplies(2);
  world.tailShows();
  const { frames } = await world.arrives(binh, 2);
  const shown = frames.flatMap((frame) => (frame.type === 'message' ? [frame.message] : []));
  expect(shown).toMatchObject([{ content: 'one', pinnedAt: context.now }]);
});

const away = () => {
  throw new OutsideError('history_unavailable', 'later', 'The database is away.');
};

describe('An outage of history on the way', () => {
  it('is waited for when nothing has been told yet; the greeting comes once', async () => {
    const world = new World();
    world.said('one');
    world.historyApplies();
    world.tailShows();
    let failures = 2;
    world.duringRead = () => (failures-- > 0 ? away() : undefined);
    const { frames, closed } = await world.arrives(binh, 1);
    expect(frames.filter(({ type }) => type === 'connect')).toHaveLength(1);
    expect(textsOf(frames)).toEqual(['one']);
    expect(closed).toBeNull();
  });

  it('ends the connection when something has been told: nothing comes twice on one socket', async () => {
    const world = new World();
    for (let i = 0; i < 1200; i++) world.said(String(i));
    world.historyApplies();
    world.tailShows();
    let reads = 0;
    world.duringRead = () => (++reads === 2 ? away() : undefined);
    const { frames, closed } = await world.arrives(binh, 1);
    expect(closed).toBe(1012);
    expect(frames.at(-1)).toMatchObject({ type: 'notice', code: 'unavailable' });
    const texts = textsOf(frames);
    expect(texts).toEqual([...new Set(texts)]);
  });

  it('is waited for when history is only far behind: what was told is covered by a cursor, and nothing comes twice', async () => {
    const world = new World();
    for (const text of ['one', 'two', 'three']) world.said(text);
    world.historyApplies(2);
    world.tailShows();
    world.ringForgets();
    let waits = 0;
    world.duringWait = () => {
      waits += 1;
      if (waits < 3) away();
      world.historyApplies();
    };
    const { frames, closed } = await world.arrives(binh, 1);
    expect(closed).toBeNull();
    expect(textsOf(frames)).toEqual(['one', 'two', 'three']);
    const told = frames.map((frame) => (frame.type === 'message' ? frame.message.content : frame.type));
    expect(told.filter((each) => each !== 'conversation')).toEqual([
      'connect',
      'one',
      'cursor',
      'two',
      'three',
    ]);
  });
});

// What every store of analytics does. `open` gives an empty one of its own.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { responseStepOf } from '../../schemas/response-times.ts';
import type { AnalyticsChange, AnalyticsStore, StatisticsRequest } from './port.ts';
import { quarterMs } from './port.ts';

const topic = 'chat.conversations';
const epoch = 'an epoch';
const begin = Date.UTC(2026, 0, 5); // A Monday.
const minuteMs = 60_000;

/** So many minutes after that Monday began in UTC. */
export const minute = (n: number): string => new Date(begin + n * minuteMs).toISOString();
const quarter = (n: number): number => Math.floor((begin + n * minuteMs) / quarterMs);

type Message = Extract<AnalyticsChange, { kind: 'message' }>;

/** One conversation of one partition, told change by change. */
export class Telling {
  readonly conversationId = randomUUID();
  readonly changes: AnalyticsChange[] = [];
  #place = 0;

  open(isGroup: boolean): void {
    this.#place += 1;
    this.changes.push({ kind: 'conversation', id: this.conversationId, isGroup, position: this.#place });
  }

  join(userId: string, at: string): void {
    this.#place += 1;
    const { conversationId } = this;
    this.changes.push({ kind: 'joined', conversationId, userId, at, position: this.#place });
  }

  say(senderId: string, at: string, more: Partial<Message> = {}): Message {
    this.#place += 1;
    const message: Message = {
      kind: 'message',
      conversationId: this.conversationId,
      id: randomUUID(),
      senderId,
      at,
      replyTo: null,
      position: this.#place,
      rev: 1,
      isDeleted: false,
      ...more,
    };
    this.changes.push(message);
    return message;
  }

  remove(message: Message): void {
    this.say(message.senderId, message.at, { ...message, rev: message.rev + 1, isDeleted: true });
  }

  react(message: Message, userId: string, at: string, isActive = true, rev = 1): void {
    this.#place += 1;
    const { conversationId } = this;
    const reaction = { conversationId, messageId: message.id, userId, emoji: '👍', at };
    this.changes.push({ kind: 'reaction', ...reaction, position: this.#place, isActive, rev });
  }
}

export const analyticsContract = (open: () => Promise<AnalyticsStore>): void => {
  let store: AnalyticsStore;
  let partition = 0;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store?.close());

  /** In batches of this size, as the owner of a partition nobody had before. */
  const tell = async (changes: AnalyticsChange[], size = 1_000): Promise<void> => {
    partition += 1;
    const { fence } = await store.writer.claim(topic, partition, epoch);
    for (let from = 0; from < changes.length; from += size) {
      const some = changes.slice(from, from + size);
      await store.writer.commit({ topic, partition, fence, next: from + some.length, changes: some });
    }
  };
  const asked = (more: Partial<StatisticsRequest> = {}): StatisticsRequest => ({
    scope: null,
    from: quarter(-7 * 24 * 60),
    to: quarter(14 * 24 * 60),
    clock: [{ from: 0, ahead: 0 }],
    granularity: 'day',
    topMax: 5,
    ...more,
  });
  const about = (telling: Telling, more: Partial<StatisticsRequest> = {}) =>
    store.reader.statistics(
      asked({ scope: { conversationId: telling.conversationId, visible: 'all' }, ...more }),
    );
  const [an, binh, chi] = [randomUUID(), randomUUID(), randomUUID()];

  describe('counts what was said', () => {
    it.each([1, 3, 1_000])('in batches of %i, once, however often it is told', async (size) => {
      const telling = new Telling();
      telling.open(true);
      for (const person of [an, binh, chi]) telling.join(person, minute(0));
      const first = telling.say(an, minute(10));
      telling.say(binh, minute(20));
      telling.react(first, chi, minute(30));
      telling.react(first, binh, minute(31));
      telling.react(first, binh, minute(32), false, 2);
      telling.remove(telling.say(chi, minute(40)));
      telling.say(an, minute(24 * 60));
      // Everything once more, at places of its own.
      telling.changes.push(...telling.changes);
      await tell(telling.changes, size);
      const { totals, series, people } = await about(telling);
      expect(totals).toMatchObject({ messages: 3, reactions: 1, activePeople: 3, newPeople: 3 });
      const day = Math.floor(begin / 86_400_000);
      expect(series).toMatchObject([
        { bucket: day, messages: 2, reactions: 1, activePeople: 3, newPeople: 3 },
        { bucket: day + 1, messages: 1, reactions: 0, activePeople: 1, newPeople: 0 },
      ]);
      expect(people).toEqual([
        { userId: an, messages: 2 },
        { userId: binh, messages: 1 },
      ]);
    });

    it('and nothing of a batch that comes again, nor from an owner of yesterday', async () => {
      const telling = new Telling();
      telling.say(an, minute(1));
      partition += 1;
      const { fence } = await store.writer.claim(topic, partition, epoch);
      const batch = { topic, partition, fence, next: 1, changes: telling.changes };
      await store.writer.commit(batch);
      const { fence: newer, next } = await store.writer.claim(topic, partition, epoch);
      expect(next).toBe(1);
      await store.writer.commit({ ...batch, fence: newer });
      await expect(store.writer.commit({ ...batch, next: 2 })).rejects.toMatchObject({ code: 'fenced' });
      expect((await about(telling)).totals.messages).toBe(1);
      expect((await store.reader.applied(topic))[partition]).toBe(1);
    });

    it('a late change of an older rev changes nothing, and what was deleted may come back', async () => {
      const telling = new Telling();
      const message = telling.say(an, minute(1));
      telling.say(an, minute(1), { ...message, rev: 3, isDeleted: true });
      telling.say(an, minute(1), { ...message, rev: 2 });
      await tell(telling.changes, 1);
      expect((await about(telling)).totals.messages).toBe(0);
      await tell([{ ...message, rev: 4 }]);
      expect((await about(telling)).totals.messages).toBe(1);
    });

    it('refuses a log that it was not made from', async () => {
      await expect(store.writer.claim(topic, 0, 'another')).rejects.toMatchObject({
        code: 'analytics_other_log',
        retry: 'never',
      });
    });
  });

  describe('tells how fast people answer', () => {
    const stepsOf = async (telling: Telling) => [...(await about(telling)).totals.responses];

    it('in a group by answers to what another wrote', async () => {
      const telling = new Telling();
      telling.open(true);
      const question = telling.say(an, minute(0));
      telling.say(binh, minute(1));
      telling.say(an, minute(2), { replyTo: question.id });
      const answer = telling.say(binh, minute(10), { replyTo: question.id });
      telling.say(chi, minute(12), { replyTo: randomUUID() });
      await tell(telling.changes, 1);
      expect(await stepsOf(telling)).toEqual([[responseStepOf(10 * minuteMs), 1]]);
      await tell([{ ...answer, rev: 2, isDeleted: true }]);
      expect(await stepsOf(telling)).toEqual([]);
    });

    it.each([1, 100])('in a conversation of two by who waited for whom, in batches of %i', async (size) => {
      const telling = new Telling();
      telling.open(false);
      telling.say(an, minute(0));
      telling.say(an, minute(5));
      telling.say(binh, minute(10));
      telling.say(binh, minute(11));
      telling.say(an, minute(13));
      await tell(telling.changes, size);
      expect(await stepsOf(telling)).toEqual([
        [responseStepOf(3 * minuteMs), 1],
        [responseStepOf(10 * minuteMs), 1],
      ]);
    });
  });

  describe('on the clock of whoever asks', () => {
    const telling = new Telling();
    beforeAll(async () => {
      // Sunday evening in UTC.
      telling.say(an, minute(-6 * 60));
      telling.say(an, minute(-60));
      telling.say(an, minute(29));
      await tell(telling.changes);
    });
    const hours = async (ahead: number) =>
      (await about(telling, { clock: [{ from: 0, ahead }] })).hoursOfWeek.flatMap((n, hour) =>
        n > 0 ? [[hour, n]] : [],
      );

    it('hours are those of the week there', async () => {
      expect(await hours(0)).toEqual([
        [0, 1],
        [162, 1],
        [167, 1],
      ]);
      // Vietnam.
      expect(await hours(7 * 4)).toEqual([
        [1, 1],
        [6, 1],
        [7, 1],
      ]);
      // India.
      expect(await hours(22)).toEqual([
        [4, 1],
        [5, 1],
        [167, 1],
      ]);
    });

    it('days begin there, also when clocks are changed on the way', async () => {
      const day = Math.floor(begin / 86_400_000);
      const days = async (clock: StatisticsRequest['clock']) =>
        (await about(telling, { clock })).series.map(({ bucket, messages }) => [bucket - day, messages]);
      expect(await days([{ from: 0, ahead: 0 }])).toEqual([
        [-1, 2],
        [0, 1],
      ]);
      expect(await days([{ from: 0, ahead: 28 }])).toEqual([[0, 3]]);
      expect(
        await days([
          { from: 0, ahead: 0 },
          { from: quarter(-120), ahead: 4 },
        ]),
      ).toEqual([
        [-1, 1],
        [0, 2],
      ]);
    });

    it('hours begin there, by the quarter', async () => {
      const { series } = await about(telling, { granularity: 'hour', clock: [{ from: 0, ahead: 22 }] });
      // 5:59 in India began at 0:30 less than half an hour before.
      expect(series.at(-1)?.bucket).toBe(quarter(-30));
    });
  });

  describe('shows only what is asked for', () => {
    const telling = new Telling();
    const other = new Telling();
    beforeAll(async () => {
      telling.open(true);
      telling.join(an, minute(0));
      for (const n of [1, 2, 3, 4]) telling.react(telling.say(an, minute(n)), binh, minute(n));
      telling.join(chi, minute(5));
      other.say(an, minute(1));
      await tell([...telling.changes, ...other.changes]);
    });

    it('places that the reader may see', async () => {
      const places = (visible: [number, number][]) =>
        about(telling, { scope: { conversationId: telling.conversationId, visible } });
      const { totals } = await places([
        [5, 7],
        [9, 100],
      ]);
      expect(totals).toMatchObject({ messages: 2, reactions: 2, newPeople: 1 });
      expect((await places([])).totals).toMatchObject({ messages: 0, activePeople: 0, newPeople: 0 });
      const often = Array.from({ length: 1_001 }, (_, n): [number, number] => [n * 2, n * 2 + 1]);
      expect((await places(often)).totals.messages).toBeLessThanOrEqual(4);
    });

    it('the stretch of time', async () => {
      const [from, to] = [quarter(0), quarter(15)];
      expect((await about(telling, { from, to })).totals.messages).toBe(4);
      expect((await about(telling, { from: to })).totals.messages).toBe(0);
    });

    it('or everything, with the conversations that say most and everybody who registered', async () => {
      const person = { kind: 'person', id: randomUUID(), at: minute(15), rev: 1 } as const;
      const { totals: before } = await store.reader.statistics(asked());
      const { fence } = await store.writer.claim('chat.users', 0, epoch);
      await store.writer.commit({
        topic: 'chat.users',
        partition: 0,
        fence,
        next: 3,
        changes: [
          { ...person, isPlaceholder: false },
          { ...person, isPlaceholder: false },
          { ...person, id: randomUUID(), isPlaceholder: true },
        ],
      });
      const found = await store.reader.statistics(asked());
      expect(found.totals.newPeople - before.newPeople).toBe(1);
      expect(found.totals.messages).toBe(found.series.reduce((sum, { messages }) => sum + messages, 0));
      const most = found.conversations.map(({ messages }) => messages);
      expect(most).toEqual(most.toSorted((a, b) => b - a));
      expect(most).toHaveLength(5);
      expect(found.applied['chat.users']?.[0]).toBe(3);
      expect(found.people[0]?.userId).toBe(an);
    });
  });
};

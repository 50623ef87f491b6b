// People who are away and are to be told: what the push service got for each, held against what was said to them.
import { expect } from 'vitest';
import type { NotificationExplanation } from '../../schemas/notifications.ts';
import type { MessagePush } from '../../schemas/push.ts';
import { type PushServer, startPushServer } from '../../stack/push-server.ts';
import { eventually } from '../client/eventually.ts';
import { directOf, Person } from '../client/person.ts';
import { type Random, seeded } from '../client/random.ts';

/** From a kill to when what was killed was there again. */
export type Kill = { at: number; backAt: number };

type Away = {
  person: Person;
  /** Reads everything at once, through another device. */
  isReader: boolean;
  subscription: string;
  conversationId: string;
  messages: string[];
};

const peopleCount = 12;
const perSecond = 14;
/** A dead worker's work waits for its lease; its partitions for a group that has noticed. */
const allToldMs = 90_000;
/** What somebody else does in the very moment of a kill. */
const leaseMs = 30_000;

export class Told {
  readonly random: Random;
  readonly #sink: PushServer;
  readonly #senders: Person[];
  readonly #away: Away[];
  readonly #sending: Promise<void>[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(sink: PushServer, senders: Person[], away: Away[], seed: number) {
    this.#sink = sink;
    this.#senders = senders;
    this.#away = away;
    this.random = seeded(seed);
  }

  static async prepare(urls: readonly string[]): Promise<Told> {
    const seed = Number(process.env.CHATVUI_SEED ?? Math.floor(Math.random() * 1e9));
    console.log(`seed of those who are away: ${seed}`);
    const sink = await startPushServer();
    const sender = await Person.register(urls[0] as string, 'sender');
    const away: Away[] = [];
    for (let i = 0; i < peopleCount; i += 4)
      await Promise.all(
        [0, 1, 2, 3].map(async (n) => {
          const person = await Person.register(urls[(i + n) % urls.length] as string, 'away');
          const { id: subscription, endpoint, keys } = sink.subscribe();
          await person.api.subscribe({ endpoint, keys });
          const { id: conversationId } = await directOf(sender, person);
          away.push({ person, isReader: n === 3, subscription, conversationId, messages: [] });
        }),
      );
    return new Told(sink, [sender], away, seed);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sending.push(this.#say());
    }, 1_000 / perSecond);
  }

  /** The push service is gone for a moment, with what was on its way. Answers when that was. */
  async loseService(): Promise<Kill> {
    const at = Date.now();
    await this.#sink.die(300 + this.random.below(900));
    return { at, backAt: Date.now() };
  }

  /** Everything that was due has been told; throws what is wrong. */
  async check(
    kills: readonly Kill[],
  ): Promise<{ messages: number; told: number; twice: number; unread: number }> {
    clearInterval(this.#timer);
    await Promise.all(this.#sending);
    let [messages, told, twice, unread] = [0, 0, 0, 0];
    for (const away of this.#away) {
      messages += away.messages.length;
      const explained = await this.#explained(away);
      const pushes = await this.#sink.pushes(away.subscription);
      if (away.isReader) {
        expect(pushes, 'nobody is told of what they have read').toEqual([]);
        unread += away.messages.length;
        continue;
      }
      expect(explained.flatMap(({ items }) => items.map(({ state }) => state))).toEqual(
        away.messages.map(() => 'sent'),
      );
      const ids = new Set(explained.flatMap(({ items }) => items.map(({ id }) => id)));
      const byId = new Map<string, { count: number; times: number[] }>();
      for (const { payload, at } of pushes) {
        const { id, count } = payload as MessagePush;
        expect(ids.has(id), 'each push is one of the notices').toBe(true);
        const known = byId.get(id) ?? { count: 0, times: [] };
        byId.set(id, { count: Math.max(known.count, count), times: [...known.times, Date.parse(at)] });
      }
      const counts = [...byId.values()].map(({ count }) => count);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(away.messages.length);
      told += away.messages.length;
      for (const { times } of byId.values()) {
        const [first, ...again] = times.sort((a, b) => a - b) as [number, ...number[]];
        twice += again.length;
        for (const at of again)
          expect(
            kills.some((kill) => first - 1_000 <= kill.backAt && kill.at <= at && at - kill.at < 2 * leaseMs),
            'a push comes twice only because of a kill',
          ).toBe(true);
      }
    }
    return { messages, told, twice, unread };
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sink.close();
  }

  async #say(): Promise<void> {
    const away = this.random.one(this.#away);
    const [sender] = this.#senders as [Person];
    const { username } = away.person.user;
    // Now and then the push service is not well.
    if (this.random.below(20) === 0) this.#sink.answerNext(away.subscription, [{ status: 503 }]);
    // What names nobody waits a moment: long enough to be read.
    const content = away.isReader ? 'chào' : `@${username} chào`;
    const { id } = await sender.api.send(away.conversationId, content);
    // Where it was sent it can be read at once.
    if (away.isReader) await away.person.at(sender.api.baseUrl).markRead(id);
    away.messages.push(id);
  }

  async #explained({ person, messages, isReader }: Away): Promise<NotificationExplanation[]> {
    return Promise.all(
      messages.map((id) =>
        eventually(
          async () => {
            const explained = await person.api.explain(id);
            const isOver = explained.items.every(({ state }) => state !== 'waiting');
            return explained.state === 'decided' && (isOver || isReader) && explained;
          },
          `${person.user.username} has been told of ${id}, or not`,
          allToldMs,
        ),
      ),
    );
  }
}

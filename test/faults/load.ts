// Steady load: people in several conversations, each saying something now and then through either gateway.
import { randomUUID } from 'node:crypto';
import { eventually, sleep } from '../client/eventually.ts';
import { groupOf, Person } from '../client/person.ts';
import { type Random, seeded } from '../client/random.ts';
import { LoadClient } from './load-client.ts';

const tickMs = 20;

export type LoadOptions = {
  urls: string[];
  clients?: number;
  conversations?: number;
  perSecond?: number;
  seed?: number;
};

export class Load {
  readonly seed: number;
  readonly random: Random;
  readonly clients: LoadClient[] = [];
  /** Who is in which conversation. */
  readonly members = new Map<string, LoadClient[]>();
  readonly #options: Required<Omit<LoadOptions, 'seed'>>;
  #timer: NodeJS.Timeout | null = null;
  #count = 0;

  private constructor({ seed, ...options }: LoadOptions) {
    this.seed = seed ?? Number(process.env.CHATVUI_SEED ?? Math.floor(Math.random() * 1e9));
    this.random = seeded(this.seed);
    this.#options = { clients: 20, conversations: 6, perSecond: 150, ...options };
  }

  /** People registered, conversations made, sockets open; nothing is said yet. */
  static async prepare(options: LoadOptions): Promise<Load> {
    const load = new Load(options);
    const { urls, clients, conversations } = load.#options;
    for (let first = 0; first < clients; first += 4) {
      const some = Array.from({ length: Math.min(4, clients - first) }, (_, i) =>
        Person.register(urls[(first + i) % urls.length] as string, 'load'),
      );
      for (const person of await Promise.all(some))
        load.clients.push(new LoadClient(person, urls, seeded(load.random.below(1e9))));
    }
    for (let i = 0; i < conversations; i++) {
      const members = load.clients.filter((_, c) => c % conversations === i || load.random.below(3) === 0);
      const [first, ...others] = members.map(({ person }) => person);
      if (!first || others.length === 0) continue;
      load.members.set((await groupOf(first, others, `load ${i}`)).id, members);
    }
    await Promise.all(load.clients.map((client) => client.start()));
    return load;
  }

  start(): void {
    const perTick = (this.#options.perSecond * tickMs) / 1000;
    const conversations = [...this.members];
    let due = 0;
    this.#timer = setInterval(() => {
      for (due += perTick; due >= 1; due--) {
        const [id, members] = this.random.one(conversations);
        this.random.one(members).say(id, `${this.#count++} ${randomUUID()}`);
      }
    }, tickMs);
  }

  /** A while under load, with somebody breaking off now and then. */
  async during(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      await sleep(Math.min(500, end - performance.now()));
      this.random.one(this.clients).breakOff();
    }
  }

  /** Nobody says anything new; everything said has been answered and everybody is connected. */
  async quiesce(withinMs = 60_000): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    const open = () => this.clients.filter((each) => each.waiting.size > 0 || !each.isConnected);
    await eventually(() => open().length === 0, 'every client is connected and answered', withinMs).catch(
      (error: Error) => {
        const left = open().map(
          (each) => `${each.isConnected ? 'connected' : 'away'}, waits for ${each.waiting.size}`,
        );
        throw new Error(`seed ${this.seed}: ${error.message}: ${left.join('; ')}`);
      },
    );
  }

  async end(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all(this.clients.map((client) => client.end()));
  }

  /** The longest time without an ack in the conversation that had the longest, between two moments, in milliseconds. */
  longestSilence(from: number, to: number): number {
    const acks = this.clients.flatMap((client) => client.acks);
    const silences = [...this.members.keys()].map((id) => {
      const own = acks.filter(({ conversationId, at }) => conversationId === id && at >= from && at <= to);
      const times = own.map(({ at }) => at).sort((a, b) => a - b);
      return Math.max(...[...times, to].map((at, i) => at - (times[i - 1] ?? from)));
    });
    return Math.round(Math.max(...silences));
  }
}

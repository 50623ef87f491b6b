// The other people of a soak: they write, answer, change, delete, react, read, come and go, whatever the one in the browser does.
import type { Message } from '../../schemas/views.ts';
import { directOf, groupOf, Person } from '../client/person.ts';
import type { Random } from '../client/random.ts';

export type Room = { id: string; people: Person[] };

const emojis = ['👍', '🎉', '❤️'];
const firstMessages = 220;
const recentMax = 30;

const words = [
  'Chào buổi sáng',
  'the train is late',
  'ok',
  'đường này đông quá',
  'see you there',
  '🙂',
  'một hai ba',
  'what a day',
  'không sao đâu',
  'and then some more words so that a row becomes two lines high on any screen',
];

export const somethingSaid = (random: Random, n: number): string =>
  `${n} ${Array.from({ length: 1 + random.below(4) }, () => random.one(words)).join(', ')}`;

export class Others {
  readonly rooms: Room[];
  readonly #me: Person;
  readonly #random: Random;
  readonly #recent = new Map<string, { by: Person; message: Message }[]>();
  #said = 0;

  private constructor(me: Person, random: Random, rooms: Room[]) {
    this.#me = me;
    this.#random = random;
    this.rooms = rooms;
  }

  static async arrive(me: Person, random: Random): Promise<Others> {
    const url = me.api.baseUrl;
    const [bob, chi, dan] = await Promise.all(
      ['bob', 'chi', 'dan'].map((name) => Person.register(url, name)),
    );
    if (!bob || !chi || !dan) throw new Error('three people are needed');
    const rooms = [
      { id: (await directOf(bob, me)).id, people: [bob] },
      { id: (await directOf(chi, me)).id, people: [chi] },
      { id: (await groupOf(bob, [me, chi, dan], 'Everybody')).id, people: [bob, chi, dan] },
      { id: (await groupOf(dan, [me, chi], 'Comings and goings')).id, people: [dan, chi] },
    ];
    const others = new Others(me, random, rooms);
    await Promise.all(
      rooms.map(async (room) => {
        for (let n = 0; n < firstMessages; n += 1) await others.#say(room);
      }),
    );
    return others;
  }

  get all(): Person[] {
    return [...new Set(this.rooms.flatMap(({ people }) => people))];
  }

  /** One thing that one of them does. A server that is away is their loss. */
  async act(): Promise<void> {
    const room = this.#random.one(this.rooms);
    const acts: [weight: number, act: () => Promise<unknown>][] = [
      [8, () => this.#say(room)],
      [
        2,
        () => this.#change(room, (by, { id }) => by.api.edit(id, somethingSaid(this.#random, ++this.#said))),
      ],
      [1, () => this.#change(room, (by, { id }) => by.api.deleteMessage(id))],
      [
        3,
        () => this.#change(room, (_, { id }) => this.#someone(room).api.react(id, this.#random.one(emojis))),
      ],
      [3, () => this.#read(room)],
      [1, () => this.#comeOrGo(this.#someone(room))],
      [2, async () => this.#typing(room)],
      [1, () => this.#rename()],
      [1, () => this.#member()],
    ];
    await one(this.#random, acts)().catch(() => undefined);
  }

  /** Whoever was sent out of the last room is in it again. */
  async bringBack(): Promise<void> {
    const { id, admin } = this.#comings;
    const members = await admin.api.members(id);
    if (!members.some(({ userId }) => userId === this.#me.id)) await admin.api.addMember(id, this.#me.id);
  }

  /** Everybody is where they belong, and something is unread in the first rooms. */
  async settle(): Promise<void> {
    await this.bringBack();
    for (const room of this.rooms.slice(0, 3)) await this.#say(room);
  }

  leave(): void {
    for (const person of this.all) person.close();
  }

  async renew(): Promise<void> {
    for (const person of this.all) await person.api.refresh().catch(() => undefined);
  }

  #someone(room: Room): Person {
    return this.#random.one(room.people);
  }

  async #say(room: Room): Promise<void> {
    const by = this.#someone(room);
    const recent = this.#recent.get(room.id) ?? [];
    this.#recent.set(room.id, recent);
    const answers =
      recent.length > 0 && this.#random.below(5) === 0 ? this.#random.one(recent).message.id : null;
    const more = answers ? { replyTo: answers } : {};
    recent.push({ by, message: await by.api.send(room.id, somethingSaid(this.#random, ++this.#said), more) });
    if (recent.length > recentMax) recent.shift();
  }

  async #change(room: Room, work: (by: Person, message: Message) => Promise<unknown>): Promise<void> {
    const recent = this.#recent.get(room.id) ?? [];
    if (recent.length === 0) return;
    const { by, message } = this.#random.one(recent);
    await work(by, message);
  }

  async #read(room: Room): Promise<void> {
    const by = this.#someone(room);
    const { items } = await by.api.history(room.id, { limit: 5 });
    const message = items.length > 0 ? this.#random.one(items) : null;
    if (message) await by.api.markRead(message.id);
  }

  async #comeOrGo(person: Person): Promise<void> {
    if (person.isOnline) person.close();
    else await person.connect();
  }

  #typing(room: Room): void {
    const person = this.#someone(room);
    if (person.isOnline) person.socket.send({ type: 'typing', conversationId: room.id });
  }

  get #comings(): { id: string; admin: Person } {
    const { id, people } = this.rooms.at(-1) as Room;
    return { id, admin: people[0] as Person };
  }

  async #rename(): Promise<void> {
    const { id, admin } = this.#comings;
    await admin.api.changeConversation(id, { name: `Comings and goings ${this.#random.below(99)}` });
  }

  /** Out of the last room, or into it again. */
  async #member(): Promise<void> {
    const { id, admin } = this.#comings;
    const members = await admin.api.members(id);
    if (members.some(({ userId }) => userId === this.#me.id)) await admin.api.removeMember(id, this.#me.id);
    else await admin.api.addMember(id, this.#me.id);
  }
}

/** One of these, the heavier ones more often. */
export const one = <T>(random: Random, from: readonly (readonly [weight: number, what: T])[]): T => {
  let left = random.below(from.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, what] of from) {
    left -= weight;
    if (left < 0) return what;
  }
  throw new Error('nothing to choose from');
};

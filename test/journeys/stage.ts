// What a journey stands on: a target that is up, and people who live alternately at its gateways.
import { afterAll } from 'vitest';
import type { Conversation } from '../../schemas/views.ts';
import { groupOf, Person } from '../client/person.ts';
import type { Target } from '../harness.ts';

export class Stage {
  readonly #target: () => Target;
  readonly #people: Person[] = [];

  /** Call it inside `describe`: everybody goes home after its last test. */
  constructor(target: () => Target) {
    this.#target = target;
    afterAll(() => {
      for (const person of this.#people) person.close();
    });
  }

  get here(): string {
    return this.#target().urls[0] as string;
  }

  /** The other gateway, where there is one. */
  get there(): string {
    return this.#target().urls.at(-1) as string;
  }

  async person(prefix = 'p', at = this.here): Promise<Person> {
    const person = await Person.register(at, prefix);
    this.#people.push(person);
    return person;
  }

  /** With an open socket. */
  async online(prefix = 'p', at = this.here): Promise<Person> {
    const person = await this.person(prefix, at);
    await person.connect();
    return person;
  }

  /** A group of `count` people who are all online, every second of them at the other gateway. The first is its admin. */
  async group(count: number): Promise<{ id: string; group: Conversation; people: Person[] }> {
    const people = await Promise.all(
      Array.from({ length: count }, (_, i) => this.online(`m${i}`, i % 2 ? this.there : this.here)),
    );
    const group = await groupOf(people[0] as Person, people.slice(1));
    return { id: group.id, group, people };
  }

  async pair(): Promise<{ id: string; ann: Person; bob: Person }> {
    const { id, people } = await this.group(2);
    return { id, ann: people[0] as Person, bob: people[1] as Person };
  }
}

/** The status and stable code of a call that must not succeed. */
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    if (status !== undefined) return `${status} ${code}`;
    throw error;
  }
  return 'not refused';
};

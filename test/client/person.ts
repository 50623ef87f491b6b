// A registered person with a device: what most tests are made of.
import { randomUUID } from 'node:crypto';
import type { Conversation, Message, User } from '../../schemas/views.ts';
import { Api } from './api.ts';
import { eventually, sleep } from './eventually.ts';
import { ProblemError } from './http.ts';
import { type OpenOptions, Socket } from './socket.ts';

const knownWithinMs = 5_000;
export const password = 'correct horse battery';
export const randomName = (prefix = 'p'): string => `${prefix}-${randomUUID().slice(0, 13)}`;

export class Person {
  readonly user: User;
  readonly api: Api;
  #socket: Socket | null = null;

  constructor(user: User, api: Api) {
    this.user = user;
    this.api = api;
  }

  /** Registers somebody with a name of their own; they live at this gateway. */
  static async register(baseUrl: string, prefix?: string): Promise<Person> {
    const api = new Api(baseUrl);
    const { user } = await api.register(randomName(prefix), password);
    return new Person(user, api);
  }

  /** The same with an open socket. */
  static async online(baseUrl: string, prefix?: string): Promise<Person> {
    const person = await Person.register(baseUrl, prefix);
    await person.connect();
    return person;
  }

  get id(): string {
    return this.user.id;
  }

  get token(): string {
    if (!this.api.token) throw new Error('not signed in');
    return this.api.token;
  }

  get isOnline(): boolean {
    return this.#socket !== null && this.#socket.closed === null;
  }

  get socket(): Socket {
    if (!this.#socket) throw new Error(`${this.user.username} has no socket`);
    return this.#socket;
  }

  /** The same person and token at another gateway. */
  at(baseUrl: string): Api {
    return new Api(baseUrl, { token: this.token, jar: this.api.jar });
  }

  /** Opens the person's socket. With a cursor it resumes. */
  async connect(options: OpenOptions & { at?: string; cursor?: string | null } = {}): Promise<Socket> {
    const socket = await Socket.open(options.at ?? this.api.baseUrl, options);
    await socket.connect(this.token, options.cursor ?? null);
    this.#socket = socket;
    return socket;
  }

  /** Sends by socket and waits for the ack. */
  async say(
    conversationId: string,
    content: string,
    more: { ref?: string; replyTo?: string } = {},
  ): Promise<Message> {
    const ref = more.ref ?? randomUUID();
    const from = this.socket.frames.length;
    this.socket.send({ type: 'message', conversationId, content, ...more, ref });
    return this.acked(ref, from);
  }

  /** The message of the ack for this ref; fails at once when it is refused. */
  async acked(ref: string, from = 0): Promise<Message> {
    const answer = await Promise.race([
      this.socket.waitFor('ack', (frame) => frame.ref === ref, { from, timeoutMs: 16_000 }),
      this.socket.waitFor('error', (frame) => frame.ref === ref, { from, timeoutMs: 17_000 }),
    ]);
    if (answer.type === 'error') throw new Error(`refused: ${answer.code}: ${answer.detail}`);
    return answer.message;
  }

  /** The code of the error frame that answers this ref. */
  async refused(ref: string): Promise<string> {
    return (await this.socket.waitFor('error', (frame) => frame.ref === ref)).code;
  }

  /** Waits until this person's socket has shown the message with this id. */
  async sees(
    messageId: string,
    fits: (message: Message) => boolean = () => true,
    timeoutMs = 8_000,
  ): Promise<Message> {
    const frame = await this.socket.waitFor(
      'message',
      ({ message }) => message.id === messageId && fits(message),
      { timeoutMs },
    );
    return frame.message;
  }

  close(): void {
    this.#socket?.kill();
    this.#socket = null;
  }
}

/** People registered at another gateway are known here within 5 s. */
const whenKnown = async (create: () => Promise<Conversation>): Promise<Conversation> => {
  const deadline = performance.now() + knownWithinMs;
  for (;;) {
    try {
      return await create();
    } catch (error) {
      const early = error instanceof ProblemError && error.code === 'unknown_member';
      if (!early || performance.now() > deadline) throw error;
    }
    await sleep(50);
  }
};

/** A group of these people; whoever has a socket has been told of it. */
export const groupOf = async (creator: Person, others: Person[], name = 'a group'): Promise<Conversation> => {
  const group = await whenKnown(() =>
    creator.api.createGroup(
      name,
      others.map(({ id }) => id),
    ),
  );
  await knownTo(group.id, others);
  return group;
};

export const directOf = async (one: Person, other: Person): Promise<Conversation> => {
  const direct = await whenKnown(() => one.api.createDirect(other.id));
  await knownTo(direct.id, [other]);
  return direct;
};

const knownTo = async (conversationId: string, people: Person[]): Promise<void> => {
  for (const person of people) {
    await eventually(
      () => person.api.conversation(conversationId),
      `${person.user.username} knows the conversation`,
    );
    if (person.isOnline)
      await person.socket.waitFor('conversation', ({ conversation }) => conversation.id === conversationId);
  }
};

// A person who comes and goes, as phones do: sends without waiting, sends again after a reconnect what was not
// answered, resumes at any gateway with the last cursor, and keeps what was shown.
import { randomUUID } from 'node:crypto';
import type { ServerFrame } from '../../schemas/frames.ts';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import type { Socket } from './socket.ts';
import { Timeline } from './timeline.ts';

type Waiting = { conversationId: string; content: string };

export class Wanderer {
  readonly person: Person;
  readonly timeline = new Timeline();
  readonly refused = new Map<string, string>();
  readonly #urls: string[];
  readonly #waiting = new Map<string, Waiting>();
  readonly #acked: { id: string; conversationId: string }[] = [];
  #cursor: string | null;
  #socket: Socket | null;

  /** The person must be online. */
  constructor(person: Person, urls: string[]) {
    this.person = person;
    this.#urls = urls;
    this.#socket = person.socket;
    this.#cursor = person.socket.cursor;
    this.#listen(person.socket);
  }

  say(conversationId: string, content: string): void {
    const ref = randomUUID();
    this.#waiting.set(ref, { conversationId, content });
    this.#send(ref);
  }

  async changeSomething(random: Random, conversationId: string): Promise<void> {
    const seen = this.timeline.of(conversationId);
    if (!this.#socket || seen.length === 0) return;
    const { id: messageId } = random.one(seen);
    const ref = randomUUID();
    // Refusals (not the sender, no member any more) are part of life.
    const frames = [
      { type: 'edit', ref, messageId, content: `edited ${ref}` },
      { type: 'delete', ref, messageId },
      { type: 'react', ref, messageId, emoji: '👍' },
      { type: 'pin' },
    ] as const;
    const frame = random.one(frames);
    if (frame.type !== 'pin') this.#socket.send(frame);
    else await this.person.api.ask('PUT', `/api/messages/${messageId}/pin`);
  }

  async goOrCome(random: Random): Promise<void> {
    if (this.#socket) this.go();
    else await this.comeBack(random.one(this.#urls));
  }

  go(): void {
    if (!this.#socket) return;
    this.#socket.onFrame = null;
    this.#cursor = this.#socket.cursor ?? this.#cursor;
    this.#socket.kill();
    this.#socket = null;
  }

  async comeBack(at: string): Promise<void> {
    if (this.#socket) return;
    this.timeline.reconnected();
    const socket = await this.person.connect({ at, cursor: this.#cursor });
    if (this.#cursor && !socket.all('connect')[0]?.resumed) throw new Error('the cursor was not taken');
    this.#socket = socket;
    this.#listen(socket);
    for (const ref of this.#waiting.keys()) this.#send(ref);
  }

  /** Everything sent has been answered. */
  async settled(): Promise<void> {
    await eventually(() => this.#waiting.size === 0, 'every send is answered', 20_000);
    await this.#socket?.settle();
  }

  ackedIn(conversationId: string): string[] {
    return this.#acked.filter((each) => each.conversationId === conversationId).map(({ id }) => id);
  }

  #listen(socket: Socket): void {
    for (const frame of socket.frames) this.#take(frame);
    socket.onFrame = (frame) => this.#take(frame);
  }

  #take(frame: ServerFrame): void {
    this.timeline.take(frame);
    if (frame.type === 'ack' && this.#waiting.delete(frame.ref))
      this.#acked.push({ id: frame.message.id, conversationId: frame.message.conversationId });
    else if (frame.type === 'error' && frame.ref && this.#waiting.delete(frame.ref))
      this.refused.set(frame.ref, frame.code);
  }

  #send(ref: string): void {
    const waiting = this.#waiting.get(ref);
    if (waiting && this.#socket) this.#socket.send({ type: 'message', ref, ...waiting });
  }
}

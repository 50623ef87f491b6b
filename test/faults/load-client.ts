// One client under load: keeps a socket open through whatever happens, sends again under the same ref what was not
// answered, resumes with its cursor, and keeps the story that it was shown.
import { randomUUID } from 'node:crypto';
import type { ServerFrame } from '../../schemas/frames.ts';
import { sleep } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Random } from '../client/random.ts';
import { Socket } from '../client/socket.ts';
import { Timeline } from '../client/timeline.ts';

export type Acked = { id: string; position: string; conversationId: string; content: string };
type Waiting = { conversationId: string; content: string; sentAt: number };

/** Answers that leave the outcome open: the same ref again. */
const sayAgain = new Set(['unavailable', 'overloaded', 'rate_limited', 'internal_error']);
const answerWithinMs = 20_000;
const againAfterMs = 300;

export class LoadClient {
  readonly person: Person;
  readonly timeline = new Timeline();
  readonly acked = new Map<string, Acked>();
  /** Refs that were refused for good: they must never show up. */
  readonly refused = new Map<string, string>();
  /** performance.now() of each ack. */
  readonly acks: { at: number; conversationId: string }[] = [];
  readonly closes: number[] = [];
  readonly broken: string[] = [];
  readonly waiting = new Map<string, Waiting>();
  readonly #urls: string[];
  readonly #random: Random;
  #socket: Socket | null = null;
  #cursor: string | null = null;
  #ending = false;
  #life: Promise<void> = Promise.resolve();

  constructor(person: Person, urls: string[], random: Random) {
    this.person = person;
    this.#urls = urls;
    this.#random = random;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  async start(): Promise<void> {
    let at = this.#urls.indexOf(this.person.api.baseUrl);
    await this.#connect(at);
    this.#life = (async () => {
      while (!this.#ending) {
        if (!this.#socket) {
          // Backoff with jitter, and the next door.
          await sleep(100 + this.#random.below(400));
          at = (at + 1) % this.#urls.length;
          await this.#connect(at).catch(() => {});
        } else await sleep(100);
        this.#giveUpOnSilence();
      }
    })();
  }

  say(conversationId: string, content: string): void {
    const ref = randomUUID();
    this.waiting.set(ref, { conversationId, content, sentAt: performance.now() });
    this.#send(ref);
  }

  /** Breaks off as a phone in a tunnel does. */
  breakOff(): void {
    this.#socket?.kill();
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#life;
    this.#socket?.kill();
  }

  async #connect(at: number): Promise<void> {
    const socket = await Socket.open(this.#urls[at] as string, { handshakeTimeoutMs: 3_000 });
    this.timeline.reconnected();
    socket.onFrame = (frame) => this.#take(frame);
    socket.raw.once('close', (code) => {
      this.closes.push(code);
      this.#cursor = socket.cursor ?? this.#cursor;
      if (this.#socket === socket) this.#socket = null;
    });
    try {
      const { resumed } = await socket.connect(this.person.token, this.#cursor);
      if (this.#cursor && !resumed) this.broken.push('a cursor of this product was not taken');
    } catch (error) {
      socket.kill();
      throw error;
    }
    if (socket.closed) return;
    this.#socket = socket;
    for (const ref of this.waiting.keys()) this.#send(ref);
  }

  #send(ref: string): void {
    const waiting = this.waiting.get(ref);
    if (!waiting || this.#socket?.raw.readyState !== 1) return;
    const { conversationId, content } = waiting;
    this.#socket.send({ type: 'message', ref, conversationId, content });
  }

  #take(frame: ServerFrame): void {
    this.timeline.take(frame);
    if (frame.type === 'ack') this.#acked(frame.ref, frame.message);
    else if (frame.type === 'error' && frame.ref) this.#failed(frame.ref, frame.code);
  }

  #acked(ref: string, message: Acked): void {
    const former = this.acked.get(ref);
    if (former && former.position !== message.position) this.broken.push(`${ref} was acked at two positions`);
    const { id, position, conversationId, content } = message;
    this.acked.set(ref, { id, position, conversationId, content });
    if (!this.waiting.delete(ref)) return;
    this.acks.push({ at: performance.now(), conversationId });
  }

  #failed(ref: string, code: string): void {
    if (!this.waiting.has(ref)) return;
    if (sayAgain.has(code)) {
      setTimeout(() => this.#send(ref), againAfterMs);
      return;
    }
    this.waiting.delete(ref);
    this.refused.set(ref, code);
  }

  #giveUpOnSilence(): void {
    const [oldest] = this.waiting.values();
    if (!oldest || performance.now() - oldest.sentAt < answerWithinMs) return;
    oldest.sentAt = performance.now();
    this.breakOff();
  }
}

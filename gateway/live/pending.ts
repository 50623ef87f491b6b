// Commands whose events are on their way through the log. The echo answers them: an ack is the event read back.
import { type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Message } from '../../schemas/views.ts';
import type { Seen } from './known-ids.ts';
import type { Recent } from './ring.ts';

export type Echo =
  /** Durable, in its place, allowed there. `sent`: of a message, what everybody is shown. */
  | { kind: 'admitted'; recent: Recent; sent?: { message: Message; json: string } }
  /** This message had been sent before; it stands at its first place. */
  | { kind: 'repeated'; first: Seen }
  | Refusal;

type Waiting = { settle: (echo: Echo) => void; deadline: number };

const unknownOutcome = refuse(
  'unavailable',
  'The log did not answer in time. It may have been taken: send it again with the same ref.',
);

export class Pending {
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #max: number;
  readonly #timeoutMs: number;

  constructor(bounds: { max: number; timeoutMs: number }) {
    this.#max = bounds.max;
    this.#timeoutMs = bounds.timeoutMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get full(): boolean {
    return this.#waiting.size >= this.#max;
  }

  has(eventId: string): boolean {
    return this.#waiting.has(eventId);
  }

  /** `settle` is called exactly once, in the very turn in which the event passes by. */
  expect(eventId: string, settle: (echo: Echo) => void): void {
    const waiting = { settle, deadline: performance.now() + this.#timeoutMs };
    const others = this.#waiting.get(eventId);
    if (others) others.push(waiting);
    else this.#waiting.set(eventId, [waiting]);
  }

  settle(eventId: string, echo: Echo): void {
    const waiting = this.#waiting.get(eventId);
    if (!waiting) return;
    this.#waiting.delete(eventId);
    for (const one of waiting) one.settle(echo);
  }

  /** Called once a second. Oldest first, so that it stops at the first that still has time. */
  expire(now: number): void {
    for (const [eventId, [first]] of this.#waiting) {
      if (first && first.deadline > now) return;
      this.settle(eventId, unknownOutcome);
    }
  }

  /** The gateway is going away: everybody gets an answer. */
  close(): void {
    for (const eventId of [...this.#waiting.keys()]) this.settle(eventId, unknownOutcome);
  }
}

// From a decision to its echo: the one way in which a command reaches the log.
import { isOutsideError, reasonOf } from '../ports/errors.ts';
import type { EventLog } from '../ports/event-log/port.ts';
import type { Context, Decision } from '../producers/decider.ts';
import { encodeEvent, readEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import { liveLimits } from './live/limits.ts';
import { conversationsTopic, type Live } from './live/live.ts';
import type { Echo } from './live/pending.ts';
import type { Entry } from './live/states.ts';

/** How often a command is decided anew when somebody else was first. */
const tries = 4;
const appendRetries = 3;

export class Submit {
  readonly live: Live;
  readonly #log: EventLog;
  readonly #onUnreadable: (events: { type: string; id: string }[]) => void;

  constructor(options: {
    live: Live;
    log: EventLog;
    onUnreadable: (events: { type: string; id: string }[]) => void;
  }) {
    this.live = options.live;
    this.#log = options.log;
    this.#onUnreadable = options.onUnreadable;
  }

  context(actorId: string): Context {
    return { actorId, now: new Date().toISOString(), newId: () => crypto.randomUUID() };
  }

  /** The state of a conversation, at once when it is here. */
  entry(conversationId: string): Entry | Promise<Entry> {
    const { states } = this.live;
    return states.ready(conversationId) ?? states.load(conversationId, liveLimits.stateTimeoutMs);
  }

  /**
   * Appends and returns; `settle` gets the last event's echo, or the first refusal, in the turn in which it passes by.
   * There is no await between the decision and the append.
   */
  start(entry: Entry, events: ChatEvent[], settle: (echo: Echo) => void): void {
    const last = events.at(-1) as ChatEvent;
    if (events.some((event) => readEvent(event).kind !== 'event')) {
      // A rule of ours has a hole. No reader could pass such an event: its whole partition would stand still.
      this.#onUnreadable(events.map(({ type, id }) => ({ type, id })));
      settle(refuse('internal_error', 'This would break the log. Nothing was written. Please report it.'));
      return;
    }
    let settled = false;
    const once = (echo: Echo) => {
      if (settled) return;
      settled = true;
      settle(echo);
    };
    for (const event of events) {
      const known = this.live.pending.has(event.id);
      this.live.pending.expect(event.id, (echo) => {
        if (event === last || echo.kind === 'refusal') once(echo);
      });
      // The same message is on its way already: both are answered by its echo.
      if (known) return;
    }
    void this.#append(entry, events, appendRetries);
  }

  /**
   * Decides, appends, waits for the echo; decides anew on a newer state when somebody else was first. Null: there was
   * nothing to do.
   */
  async run(
    conversationId: string,
    decide: (entry: Entry) => Decision | Promise<Decision>,
  ): Promise<{ entry: Entry; echo: Extract<Echo, { kind: 'admitted' | 'repeated' }> | null } | Refusal> {
    let refusal: Refusal = refuse('conflict', 'Somebody else changed this at the same moment. Try again.');
    for (let attempt = 0; attempt < tries; attempt++) {
      const closed = this.live.closedFor();
      if (closed) return closed;
      const entry = await this.entry(conversationId);
      const decision = await decide(entry);
      if (isRefusal(decision)) return decision;
      if (decision.length === 0) return { entry, echo: null };
      const echo = await new Promise<Echo>((resolve) => this.start(entry, decision, resolve));
      if (echo.kind !== 'refusal') return { entry, echo };
      refusal = echo;
      if (echo.code !== 'conflict') break;
    }
    return refusal;
  }

  /**
   * A failed append may have been written: the same bytes are appended again, because a repetition is void by its id
   * and rev, and a loss is not.
   */
  async #append(entry: Entry, events: ChatEvent[], retries: number): Promise<void> {
    const records = events.map((event) => ({
      partition: entry.partition,
      key: event.subject,
      value: encodeEvent(event),
    }));
    for (let left = retries; ; left--) {
      try {
        await this.#log.append(conversationsTopic, records);
        return;
      } catch (error) {
        const retry = isOutsideError(error) && error.retry === 'later' && error.code !== 'log_busy';
        if (retry && left > 0 && !this.live.draining()) continue;
        for (const event of events) this.live.pending.settle(event.id, refusalOf(error));
        return;
      }
    }
  }
}

const refusalOf = (error: unknown): Refusal =>
  isOutsideError(error) && error.code === 'log_busy'
    ? refuse('overloaded', 'The event log is busy. Nothing was written. Try again in a moment.')
    : refuse('unavailable', `The event log failed (${reasonOf(error)}). Send it again with the same ref.`);

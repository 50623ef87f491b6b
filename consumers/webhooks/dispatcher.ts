// Makes the deliveries: lane by lane in order, lanes side by side within bounds. Works under leases, so that several
// processes share the work and a dead one's is taken over.
import { setTimeout } from 'node:timers/promises';
import { isOutsideError, reasonOf } from '../../ports/errors.ts';
import type { Hook, HookDelivering, HookKeeping, Lane, PauseReason } from '../../ports/webhooks/port.ts';
import type { Logger } from '../projection.ts';
import { type Sender, sendTimeoutMs } from './sender.ts';

export type DispatcherOptions = {
  store: HookDelivering & Pick<HookKeeping, 'hook' | 'pauseHook'>;
  sender: Pick<Sender, 'send'>;
  logger: Logger;
  /** Whoever answers for the bot learns that its hook was paused. */
  tellPaused(hook: Hook, reason: PauseReason): Promise<void>;
  /** A mistake of our own. */
  onFailure(error: Error): void;
  now?: () => number;
  random?: () => number;
};

/** Longer than a request can take, so that nobody else sends the same while it is under way. */
export const leaseMs = sendTimeoutMs + 5_000;
const lanesAtOnce = 32;
const lanesOfHook = 8;
/** One at a time until it answers again. */
const lanesOfFailing = 1;
/** Of one lane before others get their turn. */
const deliveriesInTurn = 50;
const pollMs = 1_000;
const restMs = 250;
const awayMs = 1_000;

const firstPauseMs = 1_000;
const longestPauseMs = 3_600_000;
/** From when it was written down. */
const givenUpAfterMs = 24 * 3_600_000;
const pausedAfterMs = 3 * 24 * 3_600_000;

/** Doubling, half of it by chance, at most an hour. */
export const pauseAfter = (attempts: number, random: number): number => {
  const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts, 20));
  return Math.round(whole * (0.5 + random / 2));
};

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #owner = crypto.randomUUID();
  readonly #closing = new AbortController();
  readonly #working = new Map<Promise<void>, string>();
  /** As last seen: a hook that is away must not keep the others from being looked at. */
  readonly #failing = new Set<string>();
  #wake: () => void = () => undefined;
  #isWoken = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run().catch((error) => this.#options.onFailure(error as Error));
  }

  /** There may be something to do. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
    await Promise.all(this.#working.keys());
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#isWoken = false;
      let began = 0;
      try {
        began = await this.#begin();
      } catch (error) {
        if (!isOutsideError(error)) throw error;
        this.#options.logger.warn({ reason: reasonOf(error) }, 'webhooks cannot be looked for');
        await this.#rest(awayMs);
      }
      // As long as there is something due, the next look is when a lane has ended.
      if (began === 0 && !this.#isWoken) await this.#rest(pollMs);
    }
  }

  async #rest(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([
      woken,
      setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined),
    ]);
  }

  /** Begins work on lanes that are due; answers how many. */
  async #begin(): Promise<number> {
    const { store } = this.#options;
    const room = lanesAtOnce - this.#working.size;
    if (room <= 0) {
      await Promise.race(this.#working.keys());
      return 1;
    }
    const busy = new Map<string, number>();
    for (const hookId of this.#working.values()) busy.set(hookId, (busy.get(hookId) ?? 0) + 1);
    const full = [...busy].filter(([id, count]) => count >= this.#roomOf(id)).map(([id]) => id);
    const lanes = await store.dueLanes(this.#at(), lanesAtOnce * 4, full);
    let begun = 0;
    for (const lane of lanes) {
      if (begun >= room) break;
      const hook = await store.hook(lane.hookId);
      if (!hook) continue;
      if (hook.failingSince) this.#failing.add(hook.id);
      else this.#failing.delete(hook.id);
      const count = busy.get(hook.id) ?? 0;
      if (count >= this.#roomOf(hook.id)) continue;
      if (!(await store.leaseLane(lane, this.#lease(), this.#at()))) continue;
      busy.set(lane.hookId, count + 1);
      begun += 1;
      const work = this.#work(lane).finally(() => {
        this.#working.delete(work);
        this.wake();
      });
      this.#working.set(work, lane.hookId);
    }
    return begun;
  }

  #roomOf(hookId: string): number {
    return this.#failing.has(hookId) ? lanesOfFailing : lanesOfHook;
  }

  async #work(lane: Lane): Promise<void> {
    const { store, logger, onFailure } = this.#options;
    try {
      const dueAt = await this.#deliver(lane);
      if (dueAt !== null) await store.leaveLane(lane, this.#owner, dueAt);
    } catch (error) {
      // The lease ends by itself, and what was not settled is sent again under its id.
      if (isOutsideError(error))
        logger.warn({ reason: reasonOf(error), hookId: lane.hookId }, 'a webhook waits');
      else onFailure(error as Error);
    }
  }

  /** When the lane is due again; null: it has been given back already. */
  async #deliver(lane: Lane): Promise<string | null> {
    const { store, sender, random = Math.random } = this.#options;
    for (let count = 0; count < deliveriesInTurn && !this.#closing.signal.aborted; count++) {
      const next = await store.nextIn(lane);
      if (next.kind === 'none') return this.#at();
      if (next.kind === 'held') return this.#at(restMs);
      const hook = await store.hook(lane.hookId);
      if (hook?.state !== 'active') return this.#at();
      const { delivery } = next;
      const { kind, attempt } = await sender.send(hook, delivery.id, delivery.body);
      if (kind === 'gone' || kind === 'refused') {
        const retryAt = this.#at();
        await store.settle(delivery, attempt, { kind: 'failed', retryAt }, this.#lease());
        await this.#pause(hook, kind);
        return null;
      }
      if (kind === 'delivered') {
        if (!(await store.settle(delivery, attempt, { kind }, this.#lease()))) return null;
        continue;
      }
      const isOld = this.#now() - Date.parse(delivery.enqueuedAt) >= givenUpAfterMs;
      const retryAt = this.#at(pauseAfter(delivery.attempts, random()));
      const outcome = isOld ? ({ kind: 'dead' } as const) : ({ kind: 'failed', retryAt } as const);
      if (!(await store.settle(delivery, attempt, outcome, this.#lease()))) return null;
      const failingMs = hook.failingSince ? this.#now() - Date.parse(hook.failingSince) : 0;
      if (failingMs >= pausedAfterMs) await this.#pause(hook, 'failing');
      if (!isOld) return null;
    }
    return this.#at();
  }

  async #pause(hook: Hook, reason: PauseReason): Promise<void> {
    const { store, logger, tellPaused } = this.#options;
    if (!(await store.pauseHook(hook.id, reason, this.#at()))) return;
    logger.warn({ hookId: hook.id, why: reason }, 'a webhook was paused');
    await tellPaused(hook, reason).catch((error) =>
      logger.warn({ reason: reasonOf(error), hookId: hook.id }, 'nobody could be told of a paused webhook'),
    );
  }

  #lease() {
    return { owner: this.#owner, until: this.#at(leaseMs) };
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #at(laterMs = 0): string {
    return new Date(this.#now() + laterMs).toISOString();
  }
}

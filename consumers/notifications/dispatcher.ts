// Tells people what is due. Any number of these may run: each notice is leased to one of them. What was taken over by a
// channel is recorded after that, so a crash in between tells it once more, under the same id.
import { setTimeout as sleep } from 'node:timers/promises';
import { isOutsideError, reasonOf } from '../../ports/errors.ts';
import {
  type Channel,
  clearOf,
  deviceOf,
  earOf,
  type Notice,
  type NotificationStore,
} from '../../ports/notifications/port.ts';
import type { Logger } from '../projection.ts';
import { type Checked, check, isAboutMessages } from './checking.ts';
import { type Delivery, deliver, type Outcome } from './delivering.ts';
import type { LogOutbox } from './log-outbox.ts';
import { type LookSources, lookFor } from './looking.ts';
import type { NoticeMetrics } from './metrics.ts';
import { settledEvents } from './records.ts';
import { Settling } from './settling.ts';

export type DispatcherOptions = Omit<LookSources, 'people' | 'queue' | 'channels'> & {
  channels: readonly Channel[];
  store: Pick<NotificationStore, 'queue' | 'people'>;
  outbox: Pick<LogOutbox, 'flush'>;
  logger: Logger;
  /** A mistake of our own: the process must end. */
  onFailure(error: Error): void;
  metrics?: NoticeMetrics;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
  idleMs?: number;
  leaseMs?: number;
  deliverMs?: number;
};

/** So many ears are told at the same time. */
const atOnce = 64;
const keptMs = 30 * 24 * 3_600_000;
const pruneEveryMs = 3_600_000;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #sources: LookSources;
  readonly #delivery: Delivery;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  #wake = new AbortController();
  readonly #settling: Settling;
  /** Ears that are being told. */
  readonly #telling = new Set<Promise<void>>();
  /** How many of them, by device: the store counts them when they are settled. */
  readonly #underWay = new Map<string, number>();
  #running: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  /** More may be due than there was room for. */
  #hasMore = false;
  #prunedAt = 0;
  #isAway = false;

  constructor(options: DispatcherOptions) {
    const {
      store,
      channels,
      logger,
      metrics,
      now = Date.now,
      random = Math.random,
      deliverMs = 20_000,
    } = options;
    const { people, queue } = store;
    this.#options = options;
    this.#now = now;
    this.#sources = { ...options, people, queue };
    this.#delivery = { channels, people, logger, metrics, now, random, deliverMs };
    this.#settling = new Settling(queue, now);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something may be due now. */
  wake(): void {
    this.#wake.abort();
  }

  /** Finishes what it has taken. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { idleMs = 1_000, logger } = this.#options;
    while (!this.#closing.signal.aborted) {
      this.#wake = new AbortController();
      let waitMs = idleMs;
      try {
        this.#flush();
        const free = atOnce - this.#telling.size;
        const taken = free > 0 ? await this.#take(free) : 0;
        // Who is done makes room for more.
        this.#hasMore = free <= 0 || taken > 0;
        waitMs = taken > 0 ? 0 : await this.#waitMs(idleMs);
        if (taken === 0) await this.#prune();
        if (this.#isAway) logger.info({}, 'people are told again');
        this.#isAway = false;
      } catch (error) {
        this.#troubled(error);
      }
      if (waitMs > 0 || this.#telling.size >= atOnce)
        await sleep(Math.max(waitMs, 1), undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
    await Promise.all([...this.#telling, this.#flushing]);
  }

  /** The log need not be waited for to tell people. */
  #flush(): void {
    this.#flushing ??= this.#options.outbox.flush().finally(() => {
      this.#flushing = undefined;
    });
  }

  #troubled(error: unknown): void {
    const { logger, onFailure } = this.#options;
    if (!isOutsideError(error)) return onFailure(error as Error);
    if (!this.#isAway) logger.warn({ reason: reasonOf(error) }, 'nobody can be told now');
    this.#isAway = true;
  }

  /** One round: takes what is due and tells it. Answers how many notices it had. */
  async look(): Promise<number> {
    const taken = await this.#take(atOnce);
    await Promise.all(this.#telling);
    return taken;
  }

  /** Takes what is due and begins to tell it. Whoever cannot be told is told again when the lease has run out. */
  async #take(limit: number): Promise<number> {
    const { store, leaseMs = 30_000 } = this.#options;
    const lease = crypto.randomUUID();
    const taken = await store.queue.take({ lease, nowMs: this.#now(), leaseMs, limit });
    if (taken.length === 0) return 0;
    const ears = new Map<string, Notice[]>();
    for (const notice of taken) {
      const ear = earOf(notice);
      const own = ears.get(ear);
      if (own) own.push(notice);
      else ears.set(ear, [notice]);
    }
    // All of them are told at once, at most `atOnce`, so one look for all is right before each of them is told.
    const nowMs = this.#now();
    // As it was before the look: what is settled meanwhile may be counted twice, and never not at all.
    const underWay = new Map(this.#underWay);
    const seen = await lookFor(this.#sources, taken, nowMs);
    for (const notices of ears.values()) {
      const device = deviceOf(notices[0] as Notice);
      const checked = check(seen, notices, nowMs, underWay.get(device) ?? 0);
      const isTold = checked.tell.some(isAboutMessages) && !checked.later;
      if (isTold) underWay.set(device, (underWay.get(device) ?? 0) + 1);
      this.#begin(lease, checked, isTold ? device : null);
    }
    return taken.length;
  }

  /** `device`: which is told; null: none is. */
  #begin(lease: string, checked: Checked, device: string | null): void {
    if (device !== null) this.#underWay.set(device, (this.#underWay.get(device) ?? 0) + 1);
    const telling: Promise<void> = this.#tell(lease, checked)
      .catch((error) => this.#troubled(error))
      .finally(() => {
        this.#telling.delete(telling);
        if (device !== null) this.#told(device);
        if (this.#hasMore) this.wake();
      });
    this.#telling.add(telling);
  }

  #told(device: string): void {
    const left = (this.#underWay.get(device) ?? 0) - 1;
    if (left > 0) this.#underWay.set(device, left);
    else this.#underWay.delete(device);
  }

  async #waitMs(idleMs: number): Promise<number> {
    const next = await this.#options.store.queue.nextDueMs();
    return next === null ? idleMs : Math.min(idleMs, Math.max(10, next - this.#now()));
  }

  async #tell(lease: string, checked: Checked): Promise<void> {
    const { metrics, store } = this.#options;
    const { tell, drop, later, subscription } = checked;
    for (const { reason, notices } of drop) {
      const { userId, sessionId } = notices[0] as Notice;
      if (reason === 'signed_out' && sessionId !== null)
        await store.people.unsubscribe(userId, { sessionIds: [sessionId] });
      const attempts = attemptsOf(notices);
      await this.#settle(lease, notices, { state: 'dropped', reason, dueMs: null, attempts });
    }
    const [first] = tell;
    if (!first) return;
    const attempts = attemptsOf(tell);
    if (later) {
      await this.#settle(lease, tell, { state: 'waiting', ...later, attempts });
      return;
    }
    const outcome = await deliver(this.#delivery, checked, attempts + 1);
    const had = await this.#settle(lease, tell, outcome, subscription?.id);
    if (outcome.state !== 'sent') return;
    const dueMs = Math.min(...tell.map((notice) => notice.dueMs ?? Number.POSITIVE_INFINITY));
    const lateMs = Math.max(0, this.#now() - dueMs);
    metrics?.lateSeconds.observe({ channel: first.channel }, lateMs / 1_000);
    // Read in the very moment in which it was sent: the device takes it back.
    const lost = tell.find(({ id, form }) => form === 'notice' && !had.has(id));
    if (lost && lost.channel === 'push') await store.queue.add(clearOf(lost, this.#now()));
  }

  /** Answers which of them were still ours. */
  async #settle(
    lease: string,
    notices: Notice[],
    outcome: Outcome,
    subscriptionId: string | null = null,
  ): Promise<Set<string>> {
    const settled = notices.map((notice) => ({ ...notice, ...outcome }));
    // That it waits for a better hour is no news.
    const isNews = outcome.state !== 'waiting' || outcome.reason === 'retry';
    const outbox = isNews ? settledEvents(settled, this.#now()) : [];
    const ids = notices.map(({ id }) => id);
    const had = await this.#settling.settle({ lease, ids, ...outcome, subscriptionId, outbox });
    if (outbox.length > 0) this.#flush();
    const label = outcome.state === 'dropped' ? (outcome.reason ?? 'dropped') : outcome.state;
    const count = ids.filter((id) => had.has(id)).length;
    if (outcome.state !== 'waiting')
      this.#options.metrics?.settled.inc({ channel: notices[0]?.channel ?? '', outcome: label }, count);
    return had;
  }

  /** A little at a time, when there is nothing else to do. */
  async #prune(): Promise<void> {
    const nowMs = this.#now();
    if (nowMs - this.#prunedAt < pruneEveryMs) return;
    if ((await this.#options.store.queue.prune(nowMs - keptMs)) === 0) this.#prunedAt = nowMs;
    else this.wake();
  }
}

const attemptsOf = (notices: readonly Notice[]): number =>
  Math.max(...notices.map(({ attempts }) => attempts));

// Tells people what is due. Any number of these may run: each notice is leased to one of them. What was taken over by a
// channel is recorded after that, so a crash in between tells it once more, under the same id.
import { setTimeout as sleep } from 'node:timers/promises';
import { isOutsideError, OutsideError, reasonOf } from '../../ports/errors.ts';
import {
  type Channel,
  clearOf,
  type Delivered,
  type Due,
  type Notice,
  type NotificationStore,
} from '../../ports/notifications/port.ts';
import type { LaterReason, NoticeState, NotToldReason } from '../../schemas/notifications.ts';
import type { Logger } from '../projection.ts';
import { type Checked, type CheckSources, check } from './checking.ts';
import type { LogOutbox } from './log-outbox.ts';
import type { NoticeMetrics } from './metrics.ts';
import { settledEvents } from './records.ts';
import { Settling } from './settling.ts';

export type DispatcherOptions = Omit<CheckSources, 'people' | 'queue'> & {
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
const noticesMax = 200;
const retries = {
  push: { firstMs: 1_000, longestMs: 300_000, max: 16 },
  email: { firstMs: 10_000, longestMs: 3_600_000, max: 24 },
};
const keptMs = 30 * 24 * 3_600_000;
const pruneEveryMs = 3_600_000;

type Outcome = {
  state: NoticeState;
  reason: NotToldReason | LaterReason | null;
  dueMs: number | null;
  attempts: number;
};

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #sources: CheckSources;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  #wake = new AbortController();
  readonly #settling: Settling;
  /** Ears that are being told. */
  readonly #telling = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  /** More may be due than there was room for. */
  #hasMore = false;
  #prunedAt = 0;
  #isAway = false;

  constructor(options: DispatcherOptions) {
    const { store, ...sources } = options;
    this.#options = options;
    this.#sources = { ...sources, people: store.people, queue: store.queue };
    this.#now = options.now ?? Date.now;
    this.#settling = new Settling(store.queue, this.#now);
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
    const ears = new Map<string, Notice[]>();
    for (const notice of taken) {
      const ear = earOf(notice);
      const own = ears.get(ear);
      if (own) own.push(notice);
      else ears.set(ear, [notice]);
    }
    for (const notices of ears.values()) {
      const telling: Promise<void> = this.#tell(lease, notices)
        .catch((error) => this.#troubled(error))
        .finally(() => {
          this.#telling.delete(telling);
          if (this.#hasMore) this.wake();
        });
      this.#telling.add(telling);
    }
    return taken.length;
  }

  async #waitMs(idleMs: number): Promise<number> {
    const next = await this.#options.store.queue.nextDueMs();
    return next === null ? idleMs : Math.min(idleMs, Math.max(10, next - this.#now()));
  }

  async #tell(lease: string, notices: Notice[]): Promise<void> {
    const nowMs = this.#now();
    const checked = await check(this.#sources, notices, nowMs);
    for (const { reason, notices: some } of checked.drop)
      await this.#settle(lease, some, { state: 'dropped', reason, dueMs: null, attempts: attemptsOf(some) });
    if (checked.tell.length === 0) return;
    const attempts = attemptsOf(checked.tell);
    if (checked.later) {
      const { dueMs, reason } = checked.later;
      await this.#settle(lease, checked.tell, { state: 'waiting', reason, dueMs, attempts });
      return;
    }
    const outcome = await this.#deliver(checked, attempts + 1);
    const had = await this.#settle(lease, checked.tell, outcome, checked.subscription?.id);
    if (outcome.state !== 'sent') return;
    const [first] = checked.tell as [Notice];
    const { metrics, store } = this.#options;
    metrics?.lateSeconds.observe(
      { channel: first.channel },
      Math.max(0, this.#now() - Math.min(...checked.tell.map(({ dueMs }) => dueMs ?? nowMs))) / 1_000,
    );
    // Read in the very moment in which it was sent: the device takes it back.
    const lost = checked.tell.find(({ id, form }) => form === 'notice' && !had.has(id));
    if (lost && lost.channel === 'push') await store.queue.add(clearOf(lost, this.#now()));
  }

  async #deliver({ tell, preferences, subscription }: Checked, attempt: number): Promise<Outcome> {
    const { channels, metrics, deliverMs = 20_000, logger, store } = this.#options;
    const [first] = tell as [Notice];
    const { form, userId, channel, sessionId, conversationId } = first;
    const due: Due = {
      id: first.id,
      form,
      userId,
      channel,
      sessionId,
      subscription,
      conversationId: form === 'digest' ? null : conversationId,
      notices: tell.slice(-noticesMax),
      preferences,
      attempt,
    };
    const over = (state: NoticeState, reason: NotToldReason | null): Outcome => ({
      state,
      reason,
      dueMs: null,
      attempts: attempt,
    });
    const by = channels.find(({ name }) => name === channel) as Channel;
    try {
      const delivered = await within(by.deliver(due), deliverMs);
      if (delivered === 'sent') return over('sent', null);
      if (delivered === 'gone' && subscription)
        await store.people.unsubscribe(userId, { ids: [subscription.id] });
      return over('dropped', delivered);
    } catch (error) {
      metrics?.failures.inc({ channel });
      // A mistake of ours about one notice must not keep all others from being told.
      if (!isOutsideError(error)) logger.error({ channel, userId, err: error }, 'a channel has failed');
      const { firstMs, longestMs, max } = retries[channel];
      if ((isOutsideError(error) && error.retry === 'never') || attempt >= max) {
        logger.warn({ channel, userId, attempt, reason: reasonOf(error) }, 'a notice was given up');
        return over('failed', 'gave_up');
      }
      const asked = (error as { retryAfterMs?: number | null }).retryAfterMs ?? 0;
      const pauseMs = Math.min(longestMs, Math.max(firstMs * 2 ** (attempt - 1), asked));
      const jitter = 0.8 + 0.4 * (this.#options.random ?? Math.random)();
      const dueMs = this.#now() + Math.round(pauseMs * jitter);
      return { state: 'waiting', reason: 'retry', dueMs, attempts: attempt };
    }
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

const earOf = ({ form, userId, conversationId, channel, sessionId }: Notice): string =>
  [form, userId, form === 'digest' ? '' : conversationId, channel, sessionId].join(' ');

const attemptsOf = (notices: readonly Notice[]): number =>
  Math.max(...notices.map(({ attempts }) => attempts));

const within = async (work: Promise<Delivered>, ms: number): Promise<Delivered> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new OutsideError('channel_silent', 'later', `No answer within ${ms / 1_000} s.`);
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

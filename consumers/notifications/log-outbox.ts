// From the store's outbox to chat.notifications: what was decided and what became of it. What is written twice after a
// crash has the same id.
import { reasonOf } from '../../ports/errors.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { NotificationQueue } from '../../ports/notifications/port.ts';
import type { Logger } from '../projection.ts';

export type LogOutboxOptions = {
  queue: Pick<NotificationQueue, 'outbox' | 'outboxDone'>;
  log: Pick<EventLog, 'append'>;
  partitionOf(key: string): number;
  logger: Pick<Logger, 'warn' | 'info'>;
  now: () => number;
};

const topic = 'chat.notifications';
const leaseMs = 15_000;
const limit = 500;

export class LogOutbox {
  readonly #options: LogOutboxOptions;
  readonly #lease = crypto.randomUUID();
  #isAway = false;

  constructor(options: LogOutboxOptions) {
    this.#options = options;
  }

  /** Writes what waits. Never throws: while the log is away it waits on. */
  async flush(): Promise<void> {
    const { queue, log, partitionOf, logger, now } = this.#options;
    const encoder = new TextEncoder();
    try {
      for (;;) {
        const entries = await queue.outbox({ lease: this.#lease, nowMs: now(), leaseMs, limit });
        if (entries.length === 0) break;
        const records = entries.map(({ key, value }) => ({
          partition: partitionOf(key),
          key,
          value: encoder.encode(value),
        }));
        await log.append(topic, records);
        await queue.outboxDone(entries.map(({ id }) => id));
      }
      if (this.#isAway) logger.info({}, 'notifications are written to the log again');
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) logger.warn({ reason: reasonOf(error) }, 'notifications reach the log later');
      this.#isAway = true;
    }
  }
}

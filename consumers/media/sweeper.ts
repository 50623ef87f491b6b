// Removes files with their last use, what nobody has named within a day, and what was begun and never came. Whatever is
// killed on the way is found again: a file is marked first, then its bytes go, then what is known of it.

import { reasonOf } from '../../ports/errors.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { Blobs, MediaRecords } from '../../ports/media/port.ts';
import type { Logger } from '../projection.ts';

export type SweeperOptions = {
  records: Pick<MediaRecords, 'uses' | 'takeRemovable' | 'removed'>;
  blobs: Pick<Blobs, 'remove'>;
  log: Pick<EventLog, 'endOffsets'>;
  topics: readonly string[];
  logger: Logger;
  onRemoved?: () => void;
  now?: () => number;
  /** How long a file that nothing shows stays: somebody may just be sending it on. */
  graceMs?: number;
};

const dayMs = 24 * 3600_000;
const takenAtOnce = 100;

export class MediaSweeper {
  readonly #options: SweeperOptions & { now: () => number; graceMs: number };
  #reason: string | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SweeperOptions) {
    this.#options = { now: Date.now, graceMs: 120_000, ...options };
  }

  start(everyMs: number): void {
    this.#timer ??= setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.sweep());
    }, everyMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Never throws: what cannot be removed now is removed later. */
  async sweep(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#sweep();
      this.#reason = undefined;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== this.#reason) logger.warn({ reason }, 'files are removed later');
      this.#reason = reason;
    }
  }

  async #sweep(): Promise<void> {
    const { records, now, graceMs, logger } = this.#options;
    const time = now();
    // What was said and is not counted yet may be about any of them.
    if (!(await this.#isThrough())) return;
    const ago = (ms: number) => new Date(time - ms).toISOString();
    let removed = 0;
    while (!this.#closed) {
      const ids = await records.takeRemovable({
        abandonedBefore: ago(dayMs),
        unusedBefore: ago(graceMs),
        unseenBefore: ago(dayMs),
        limit: takenAtOnce,
      });
      for (const id of ids) {
        await this.#remove(id);
        removed += 1;
      }
      if (ids.length < takenAtOnce) break;
    }
    if (removed > 0) logger.info({ removed }, 'files were removed that nothing shows any more');
  }

  async #remove(id: string): Promise<void> {
    const { records, blobs, onRemoved } = this.#options;
    await blobs.remove(id);
    await records.removed(id);
    onRemoved?.();
  }

  /** Whether everything that was in the log a moment ago has been counted. */
  async #isThrough(): Promise<boolean> {
    const { log, records, topics } = this.#options;
    for (const topic of topics) {
      const ends = await log.endOffsets(topic);
      const applied = await records.uses.applied(topic);
      if (ends.some((end, partition) => (applied[partition] ?? 0) < end)) return false;
    }
    return true;
  }
}

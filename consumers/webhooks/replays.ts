// Carries out replays: reads a stretch of the log once more and writes down what a hook is to be told of it.
import { setTimeout } from 'node:timers/promises';
import { isOutsideError, OutsideError, reasonOf } from '../../ports/errors.ts';
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { HookDelivering, HookFeed, HookKeeping, Replay } from '../../ports/webhooks/port.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import type { Logger, Placed } from '../projection.ts';
import { silenced } from './apply.ts';
import { deliveriesFor, type ToldAt, toldAmong } from './choose.ts';

export type ReplaysOptions = {
  store: Pick<HookDelivering, 'takeReplay' | 'replayed' | 'leaveReplay'> &
    Pick<HookKeeping, 'hook'> &
    Pick<HookFeed, 'scrub'>;
  history: Pick<HistoryReader, 'applied' | 'voided' | 'standings' | 'messages'>;
  /** Records of a partition of chat.conversations with offsets in [from, to), in order. */
  read(partition: number, from: number, to: number): AsyncIterable<LogRecord>;
  logger: Logger;
  onEnqueued(): void;
  onFailure(error: Error): void;
  now?: () => number;
};

const topic = 'chat.conversations';
const stepRecords = 500;
const leaseMs = 60_000;
const pollMs = 1_000;

export class Replays {
  readonly #options: ReplaysOptions;
  readonly #owner = crypto.randomUUID();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: ReplaysOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run().catch((error) => this.#options.onFailure(error as Error));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const replay = await this.#options.store.takeReplay(this.#lease(), this.#at());
        if (replay) {
          await this.#carryOut(replay).finally(() => this.#options.store.leaveReplay(replay, this.#owner));
          continue;
        }
      } catch (error) {
        if (!isOutsideError(error)) throw error;
        this.#options.logger.warn({ reason: reasonOf(error) }, 'a replay of a webhook waits');
      }
      await setTimeout(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #carryOut(replay: Replay): Promise<void> {
    let at = replay;
    let records: LogRecord[] = [];
    const step = async (next: number): Promise<boolean> => {
      if (!(await this.#step(at, records, next))) return false;
      at = { ...at, next };
      records = [];
      return true;
    };
    for await (const record of this.#options.read(replay.partition, replay.next, replay.end)) {
      records.push(record);
      if (records.length < stepRecords) continue;
      if (this.#closing.signal.aborted || !(await step(record.offset + 1))) return;
    }
    if (!this.#closing.signal.aborted) await step(replay.end);
  }

  async #step(replay: Replay, records: LogRecord[], next: number): Promise<boolean> {
    const { store, history, onEnqueued } = this.#options;
    const { partition, hookId } = replay;
    const hook = await store.hook(hookId);
    if (!hook) return false;
    if (((await history.applied(topic))[partition] ?? 0) < next)
      throw new OutsideError('history_behind', 'later', 'History has not come so far yet.');
    const voided = new Set(await history.voided(topic, partition, { from: replay.next, to: next }));
    const events = records.flatMap(({ offset, value, timeMs }): Placed[] => {
      const decoded = decodeEvent(value);
      if (voided.has(offset) || decoded.kind !== 'event') return [];
      return [{ event: decoded.event, offset, position: offset + 1, loggedMs: timeMs }];
    });
    const told = toldAmong(events).filter(
      ({ told: { at, conversationId } }) =>
        (replay.since === null || at >= replay.since) &&
        (replay.conversationId === null || replay.conversationId === conversationId),
    );
    const deleted = await this.#deleted(told);
    const said = told.map((one) =>
      deleted.has(one.told.messageId ?? '') ? { ...one, told: silenced(one.told) } : one,
    );
    const deliveries = await deliveriesFor(history, {
      hooks: [hook],
      events: said,
      partition,
      mode: 'replay',
    });
    const now = this.#at();
    if (!(await store.replayed(replay, { next, deliveries, now }, this.#lease()))) return false;
    // Deleted in this very moment: the deletion passed before there was anything to take content from.
    const since = [...(await this.#deleted(told))].filter((id) => !deleted.has(id));
    if (since.length > 0) await store.scrub(since);
    if (deliveries.length > 0) onEnqueued();
    return true;
  }

  /** Messages that say nothing any more. */
  async #deleted(told: ToldAt[]): Promise<Set<string>> {
    const ids = new Set(told.flatMap(({ told: { messageId } }) => (messageId ? [messageId] : [])));
    const stored = ids.size > 0 ? await this.#options.history.messages([...ids]) : [];
    return new Set(stored.flatMap(({ message }) => (message.deletedAt === null ? [] : [message.id])));
  }

  #lease() {
    return { owner: this.#owner, until: this.#at(leaseMs) };
  }

  #at(laterMs = 0): string {
    return new Date((this.#options.now ?? Date.now)() + laterMs).toISOString();
  }
}

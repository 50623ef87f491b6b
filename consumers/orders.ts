// What an operator has told this process's projections to do, carried out where the partition is owned. Every order can be
// carried out twice: a place is passed once, and an event that is in the log twice counts once.
import { isOutsideError, reasonOf } from '../ports/errors.ts';
import type { EventLog, LogRecord } from '../ports/event-log/port.ts';
import { type Operations, type Order, type OrderPlace, orderPatienceMs } from '../ports/operations/port.ts';
import { decodeEvent, whyUnreadable } from '../schemas/codec.ts';
import type { Logger, PartitionStatus } from './projection.ts';
import type { RunningProjection } from './running.ts';
import { placeName } from './skips.ts';

export type OrdersOptions = {
  operations: Pick<Operations, 'waiting' | 'settle'>;
  projections: readonly RunningProjection[];
  log: Pick<EventLog, 'append'>;
  /** What the log holds at this place; null: nothing. */
  record(place: OrderPlace): Promise<LogRecord | null>;
  logger: Logger;
  now?: () => number;
};

type Outcome = { state: 'done' | 'failed'; outcome: string };
const done = (outcome: string): Outcome => ({ state: 'done', outcome });
const failed = (outcome: string): Outcome => ({ state: 'failed', outcome });

export class Orders {
  readonly #options: OrdersOptions;
  /** For each `retry` that waits: how often its partition had stopped when this process first saw it. */
  readonly #triesBefore = new Map<string, number>();

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /** Looks at what waits, and does what can be done now. */
  async carryOut(): Promise<void> {
    const { operations, now = Date.now, logger } = this.#options;
    const waiting = await operations.waiting();
    const ids = new Set(waiting.map(({ id }) => id));
    for (const id of this.#triesBefore.keys()) if (!ids.has(id)) this.#triesBefore.delete(id);
    for (const order of waiting) {
      const outcome = await this.#outcomeOf(order, now());
      if (!outcome) continue;
      const { id, kind, by, projection } = order;
      const at = new Date(now()).toISOString();
      if (!(await operations.settle(id, { ...outcome, at }))) continue;
      const place = placeName(order.topic, order.partition, order.offset);
      logger.info({ order: id, kind, by, place, ...outcome }, `${projection}: an order was carried out`);
    }
  }

  /** Null: not ours, or not yet. */
  async #outcomeOf(order: Order, nowMs: number): Promise<Outcome | null> {
    const { projections } = this.#options;
    const projection = projections.find(({ name }) => name === order.projection);
    const status = projection
      ?.status()
      .find(({ topic, partition }) => topic === order.topic && partition === order.partition);
    if (!projection || !status) return null;
    if (nowMs - Date.parse(order.at) > orderPatienceMs) return failed('It waited longer than ten minutes.');
    switch (order.kind) {
      case 'retry':
        return this.#retried(order, status);
      case 'skip':
        return skipped(order, status, projection);
      case 'append':
        return this.#appended(order);
    }
  }

  /** A stopped partition tries again by itself, after at most 5 s; the order says what came of the next try. */
  #retried({ id }: Order, { state, tries, reason }: PartitionStatus): Outcome | null {
    if (state === 'running') return done('It goes on.');
    const before = this.#triesBefore.get(id);
    if (before === undefined) this.#triesBefore.set(id, tries);
    else if (tries !== before) return failed(`Tried again, and it is the same: ${reason ?? state}`);
    return null;
  }

  async #appended({ topic, partition, offset }: Order): Promise<Outcome | null> {
    const { log, record } = this.#options;
    try {
      const found = await record({ topic, partition, offset });
      if (!found) return failed('The log holds nothing at this place.');
      const decoded = decodeEvent(found.value);
      if (decoded.kind !== 'event') return failed(`It still cannot be read: ${whyUnreadable(decoded)}`);
      const [again] = await log.append(topic, [{ partition, key: found.key, value: found.value }]);
      return done(`In the log again at ${placeName(topic, partition, again as number)}`);
    } catch (error) {
      if (isOutsideError(error) && error.retry === 'later') return null;
      return failed(reasonOf(error));
    }
  }
}

/** What its partition stops at now, and nothing else: an event that can be applied is never given up. */
const skipped = (order: Order, status: PartitionStatus, projection: RunningProjection): Outcome | null => {
  if (status.next > order.offset) return done('Given up: the partition has passed it.');
  if (status.state === 'stopped' && status.stoppedAt === order.offset) {
    projection.skip(placeName(order.topic, order.partition, order.offset));
    return null;
  }
  if (status.state === 'retrying') return null;
  return failed('The partition does not stop at this place.');
};

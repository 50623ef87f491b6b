// What a process says of itself every few seconds, and the orders that it looks at on the same occasion. One small row
// written and one small question asked: nothing beside what a projection does anyway.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Orders } from '../consumers/orders.ts';
import type { RunningProjection } from '../consumers/running.ts';
import { reasonOf } from '../ports/errors.ts';
import type { GatewayReport, PartitionReport, Report } from '../ports/operations/port.ts';
import { recordReader } from './log-record.ts';
import type { Running } from './process.ts';
import type { Role } from './roles.ts';
import { productVersion } from './version.ts';

const everyMs = 3_000;
const reasonMax = 1_000;

export const startReporter = (
  { adapters, logger }: Running,
  sources: { projections: RunningProjection[]; gateway?: () => GatewayReport },
): Role => {
  const { operations, log } = adapters;
  const { projections, gateway } = sources;
  const id = randomUUID();
  const owner = `${hostname()}:${process.pid}`.slice(0, 200);
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();
  const orders = new Orders({ operations, projections, log, record: recordReader(log), logger });
  const rates = new Rates();
  let isQuiet = false;

  const say = async (): Promise<void> => {
    const report: Report = {
      id,
      owner,
      startedAt,
      seenAt: new Date().toISOString(),
      version: productVersion,
      node: process.version,
      gateway: gateway?.() ?? null,
      partitions: projections.flatMap((projection) => partitionsOf(projection, rates)),
    };
    try {
      await operations.report(report);
      if (projections.length > 0) await orders.carryOut();
      isQuiet = false;
    } catch (error) {
      // Said once for each outage.
      if (!isQuiet) logger.warn({ reason: reasonOf(error) }, 'This process cannot report how it is');
      isQuiet = true;
    }
  };
  let saying = say();
  const timer = setInterval(() => {
    saying = saying.then(say);
  }, everyMs).unref();
  return {
    name: 'reporter',
    async stop() {
      clearInterval(timer);
      await saying;
      await operations.leave(id).catch(() => undefined);
    },
  };
};

const partitionsOf = ({ name, status }: RunningProjection, rates: Rates): PartitionReport[] =>
  status().map(({ topic, partition, next, end, state, reason, stoppedAt }) => ({
    projection: name,
    topic,
    partition,
    next,
    end,
    state,
    reason: reason?.slice(0, reasonMax) ?? null,
    stoppedAt: stoppedAt ?? null,
    rate: rates.of(`${name}/${topic}/${partition}`, next),
  }));

/** How fast each place moves from one report to the next. */
class Rates {
  readonly #before = new Map<string, { next: number; ms: number }>();

  of(key: string, next: number): number {
    const ms = performance.now();
    const before = this.#before.get(key);
    this.#before.set(key, { next, ms });
    if (!before || ms <= before.ms) return 0;
    return Math.max(0, Math.round(((next - before.next) * 10_000) / (ms - before.ms)) / 10);
  }
}

// An operator's desk for tests: the real one, over a log of a few records and what processes are said to have reported.
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { PlacedDeadLetter } from '../../ports/history/port.ts';
import type { NewOrder, Order, OrderPlace, PartitionReport, Report } from '../../ports/operations/port.ts';
import { openDesk } from './desk.ts';
import { Overview, type ServerSource } from './overview.ts';

const time = '2026-01-01T00:00:00.000Z';
export const reportOf = (partitions: PartitionReport[], changes: Partial<Report> = {}): Report => ({
  id: '1',
  owner: 'host:1',
  startedAt: time,
  seenAt: time,
  version: '1.0.0',
  node: 'v20',
  gateway: { sockets: 0, silentMs: 0, closed: null },
  partitions,
  ...changes,
});

export const fakeDesk = () => {
  const reports: Report[] = [];
  const orders: Order[] = [];
  const letters: PlacedDeadLetter[] = [];
  const records: LogRecord[] = [];
  const servers: ServerSource[] = [];
  const events: object[] = [];
  const ends = new Map<string, number[]>();
  const applied = new Map<string, number[]>();
  const begunAt = new Map<string, number[]>();
  const isAt = (place: OrderPlace) => (each: OrderPlace) =>
    each.topic === place.topic && each.partition === place.partition && each.offset === place.offset;
  const operations = {
    reports: async () => reports,
    give: async (order: NewOrder) => {
      const same = orders.find((each) => each.kind === order.kind && isAt(order)(each));
      const given: Order = same ?? { ...order, state: 'waiting', outcome: null, settledAt: null };
      if (!same) orders.unshift(given);
      return given;
    },
    orders: async () => orders,
    ordersAt: async (places: OrderPlace[]) => orders.filter((order) => places.some(isAt(order))),
  };
  const overview = new Overview({
    operations,
    log: { endOffsets: async (topic) => ends.get(topic) ?? [] },
    projections: [
      {
        name: 'history',
        topics: ['chat.conversations'],
        applied: async (topic) => applied.get(topic) ?? [],
        beside: {
          beside: async () => ({ begun: begunAt.size > 0, old: false }),
          begunAt: async (topic) => begunAt.get(topic) ?? null,
        },
      },
    ],
    servers,
    version: '1.0.0',
    disk: async () => null,
  });
  const desk = openDesk({
    overview,
    operations,
    history: {
      deadLetters: async ({ limit }) => ({ items: letters.slice(0, limit), nextCursor: null }),
      deadLetter: async (topic, partition, offset) =>
        letters.find(isAt({ topic, partition, offset })) ?? null,
      users: async () => [],
    },
    record: async (place) => records.find(isAt(place)) ?? null,
    onSecurityEvent: (event) => events.push(event),
  });
  return { desk, reports, orders, letters, records, servers, events, ends, applied, begunAt };
};

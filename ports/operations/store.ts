// Operations over any database of ports/sql.
import { sql } from 'kysely';
import { OutsideError } from '../errors.ts';
import { type Database, runAll, transaction } from '../sql/database.ts';
import {
  type NewOrder,
  type Operations,
  type Order,
  type OrderPlace,
  orderPatienceMs,
  type Report,
} from './port.ts';
import type { OperationTables, OrderTable } from './tables.ts';

const reportKeptMs = 3600_000;
const reportsMax = 200;
const waitingMax = 100;
const ordersKeptMs = 400 * 24 * 3600_000;
const outcomeMax = 1_000;
export const nobodyCame = 'Nobody carried it out within ten minutes: no running process owns this partition.';

const orderColumns = [
  'id',
  'kind',
  'projection',
  'topic',
  'partition_id',
  'event_offset',
  'ordered_by',
  'ordered_at',
  'state',
  'outcome',
  'settled_at',
  'open_key',
] as const;

const openKeyOf = ({ kind, projection, topic, partition, offset }: NewOrder): string =>
  `${kind}/${projection}/${topic}/${partition}/${offset}`;
const before = (time: string, ms: number): string => new Date(Date.parse(time) - ms).toISOString();

export const operationStore = (db: Database<OperationTables>): Operations => {
  const { dialect, read } = db;

  const orderOf = (row: OrderTable): Order => ({
    id: row.id,
    kind: row.kind as Order['kind'],
    projection: row.projection,
    topic: row.topic,
    partition: row.partition_id,
    offset: row.event_offset,
    by: row.ordered_by,
    at: dialect.fromTime(row.ordered_at),
    state: row.state as Order['state'],
    outcome: row.outcome,
    settledAt: row.settled_at === null ? null : dialect.fromTime(row.settled_at),
  });
  const valuesOf = (order: NewOrder) => [
    order.id,
    order.kind,
    order.projection,
    order.topic,
    order.partition,
    order.offset,
    order.by,
    dialect.toTime(order.at),
    'waiting',
    null,
    null,
    openKeyOf(order),
  ];

  return {
    report: async (report) => {
      const values = {
        seen_at: dialect.toTime(report.seenAt),
        started_at: dialect.toTime(report.startedAt),
        body: JSON.stringify(report),
      };
      const [{ numUpdatedRows }] = (await db.write
        .updateTable('operation_reports')
        .set(values)
        .where('id', '=', report.id)
        .execute()) as [{ numUpdatedRows: bigint }];
      if (numUpdatedRows > 0n) return;
      // A process's first word is the time to forget those that have been silent for long.
      await transaction(db, async (trx) => {
        const oldest = dialect.toTime(before(report.seenAt, reportKeptMs));
        await trx.deleteFrom('operation_reports').where('seen_at', '<', oldest).execute();
        const columns = ['id', 'seen_at', 'started_at', 'body'];
        const rows = [[report.id, values.seen_at, values.started_at, values.body]];
        await runAll(trx, dialect.insertNew({ table: 'operation_reports', columns, rows }));
      });
    },
    reports: async (since) => {
      const rows = await read
        .selectFrom('operation_reports')
        .select('body')
        .where('seen_at', '>=', dialect.toTime(since))
        .orderBy('started_at')
        .orderBy('id')
        .limit(reportsMax)
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as Report);
    },
    leave: async (id) => {
      await db.write.deleteFrom('operation_reports').where('id', '=', id).execute();
    },

    give: (order) =>
      transaction(db, async (trx) => {
        const late = { state: 'failed', outcome: nobodyCame, settled_at: dialect.toTime(order.at) };
        await trx
          .updateTable('operation_orders')
          .set({ ...late, open_key: null })
          .where('open_key', '=', openKeyOf(order))
          .where('ordered_at', '<', dialect.toTime(before(order.at, orderPatienceMs)))
          .execute();
        await trx
          .deleteFrom('operation_orders')
          .where('ordered_at', '<', dialect.toTime(before(order.at, ordersKeptMs)))
          .execute();
        const { count } = await trx
          .selectFrom('operation_orders')
          .select((select) => select.fn.countAll<number>().as('count'))
          .where('open_key', 'is not', null)
          .executeTakeFirstOrThrow();
        if (Number(count) >= waitingMax)
          throw new OutsideError('too_many_orders', 'later', 'Too many orders wait to be carried out.');
        const bulk = { table: 'operation_orders', columns: orderColumns, rows: [valuesOf(order)] };
        await runAll(trx, dialect.insertNew(bulk));
        const query = trx.selectFrom('operation_orders').selectAll().where('open_key', '=', openKeyOf(order));
        // Locked: the row that is there now, whoever wrote it since this transaction's first look.
        return orderOf(await (dialect.locksRows ? query.forUpdate() : query).executeTakeFirstOrThrow());
      }),
    waiting: async () => {
      const rows = await read
        .selectFrom('operation_orders')
        .selectAll()
        .where('open_key', 'is not', null)
        .orderBy('ordered_at')
        .orderBy('id')
        .limit(waitingMax)
        .execute();
      return rows.map(orderOf);
    },
    settle: async (id, { state, outcome, at }) => {
      const values = { state, outcome: outcome.slice(0, outcomeMax), settled_at: dialect.toTime(at) };
      const [{ numUpdatedRows }] = (await db.write
        .updateTable('operation_orders')
        .set({ ...values, open_key: null })
        .where('id', '=', id)
        .where('open_key', 'is not', null)
        .execute()) as [{ numUpdatedRows: bigint }];
      return numUpdatedRows > 0n;
    },
    orders: async ({ limit }) => {
      const rows = await read
        .selectFrom('operation_orders')
        .selectAll()
        .orderBy('ordered_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(orderOf);
    },
    ordersAt: async (places) => {
      if (places.length === 0) return [];
      const rows = await read
        .selectFrom('operation_orders')
        .selectAll()
        .where((where) => where.or(places.map((place) => where.and(columnsOf(place)))))
        .orderBy('ordered_at', 'desc')
        .orderBy('id')
        .limit(1_000)
        .execute();
      return rows.map(orderOf);
    },

    serverVersion: async () => {
      const asked = dialect.kind === 'mysql' ? sql`SELECT VERSION() AS v` : sql`SELECT sqlite_version() AS v`;
      const { rows } = await asked.execute(read);
      return String((rows[0] as { v: string }).v);
    },
    close: () => db.close(),
  };
};

const columnsOf = ({ topic, partition, offset }: OrderPlace) => ({
  topic,
  partition_id: partition,
  event_offset: offset,
});

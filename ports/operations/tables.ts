// The tables of the operations part: one row for each process, one for each order.
import type { Migration } from '../sql/migrate.ts';

export type OrderTable = {
  id: string;
  kind: string;
  projection: string;
  topic: string;
  partition_id: number;
  event_offset: number;
  ordered_by: string | null;
  ordered_at: string;
  state: string;
  outcome: string | null;
  settled_at: string | null;
  /** What the order is about while it waits; null afterwards. Unique, so that it waits once. */
  open_key: string | null;
};

export type OperationTables = {
  operation_reports: { id: string; seen_at: string; started_at: string; body: string };
  operation_orders: OrderTable;
};

export const operationMigrations: Migration[] = [
  {
    name: 'operations-001',
    statements: (t) => [
      ...t.create({
        table: 'operation_reports',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, seen_at ${t.time} NOT NULL, started_at ${t.time} NOT NULL,
          body ${t.text} NOT NULL`,
      }),
      ...t.create({
        table: 'operation_orders',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, kind ${t.word(16)} NOT NULL, projection ${t.word(64)} NOT NULL,
          topic ${t.word(100)} NOT NULL, partition_id ${t.integer} NOT NULL, event_offset ${t.integer} NOT NULL,
          ordered_by ${t.id}, ordered_at ${t.time} NOT NULL, state ${t.word(16)} NOT NULL, outcome ${t.text},
          settled_at ${t.time}, open_key ${t.word(250)} UNIQUE`,
        indexes: {
          operation_orders_by_time: 'ordered_at',
          operation_orders_by_place: 'topic, partition_id, event_offset',
        },
      }),
    ],
  },
];

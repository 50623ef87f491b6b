// How far an embedded index has come, by partition.
import type { Kysely } from 'kysely';
import type { SearchTables } from './tables.ts';

type Position = SearchTables['search_positions'];

export const positionsIn = (db: Kysely<SearchTables>): Promise<Position[]> =>
  db.selectFrom('search_positions').selectAll().execute();

export const appliedOf = (positions: Position[], topic: string): number[] => {
  const applied: number[] = [];
  for (const row of positions) if (row.topic === topic) applied[row.partition_id] = row.next_offset;
  return Array.from(applied, (next) => next ?? 0);
};

// A table that nobody copies would be forgotten by every rebuild.
import { expect, it } from 'vitest';
import type { Table } from '../sql/dialect.ts';
import { sqlite } from '../sql/dialect.ts';
import { copiedTables } from './copy.ts';
import { historyMigrations } from './migrations.ts';

it('makes every table of history a second time, by the key by which it lies', () => {
  const made = new Map<string, string>();
  const create = ({ table, columns, clusteredBy }: Table): string[] => {
    made.set(table, clusteredBy ?? (/^(\w+) .*PRIMARY KEY/.exec(columns)?.[1] as string));
    return [];
  };
  for (const { statements } of historyMigrations) statements({ ...sqlite.types, create });
  made.delete('log_positions');
  const copied = Object.entries(copiedTables).map(([table, key]) => [table, key.join(', ')]);
  expect(copied.sort()).toEqual([...made].sort());
});

// What an embedded index holds of single messages: their rows, and their words put together again out of the index itself.
import type { Difference } from '../copy.ts';
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { SearchTables } from './tables.ts';

/** Rows of a statement. */
export type Ask = <R>(text: string, values?: SqlValue[]) => Promise<R[]>;
export type Suspect = Pick<Difference, 'table' | 'key'>;

/** `place`: rows so near in time are in the same place, whichever came first. */
const nearPlaces = 1024 * 1000;

type Row = SearchTables['documents'];
export type Words = { exact: string; folded: string; facets: string };
export type Found = Row & Words;

const nothing: Words = { exact: '', folded: '', facets: '' };

/** `suffix`: of the tables that are looked at. One walk through all words, however many messages are wanted. */
const wordsIn = async (ask: Ask, suffix: string, places: number[]): Promise<Map<number, Words>> => {
  const found = new Map<number, Words>();
  if (places.length === 0) return found;
  const rows = await ask<{ doc: number; col: keyof Words; text: string }>(
    `SELECT doc, col, group_concat(term, ' ' ORDER BY offset) AS text FROM instances${suffix}
      WHERE doc IN (SELECT value FROM json_each(?)) GROUP BY doc, col`,
    [JSON.stringify(places)],
  );
  for (const { doc, col, text } of rows) found.set(doc, { ...(found.get(doc) ?? nothing), [col]: text });
  return found;
};

export const messagesIn = async (ask: Ask, suffix: string, ids: string[]): Promise<Map<string, Found>> => {
  const rows = await ask<Row>(
    `SELECT * FROM documents${suffix} WHERE id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(ids)],
  );
  const words = await wordsIn(
    ask,
    suffix,
    rows.map(({ place }) => place),
  );
  return new Map(rows.map((row) => [row.id, { ...row, ...(words.get(row.place) ?? nothing) }]));
};

export const placesOf = async (ask: Ask, ids: string[]): Promise<number[]> => {
  const rows = await ask<{ place: number }>(
    'SELECT place FROM documents WHERE id IN (SELECT value FROM json_each(?))',
    [JSON.stringify(ids)],
  );
  return rows.map(({ place }) => place);
};

/** Places among the words, of those given, that belong to no message. */
export const orphansIn = async (ask: Ask, suffix: string, places: number[]): Promise<number[]> => {
  if (places.length === 0) return [];
  const words = await wordsIn(ask, suffix, places);
  const rows = await ask<{ place: number }>(
    `SELECT place FROM documents${suffix} WHERE place IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(places)],
  );
  for (const { place } of rows) words.delete(place);
  return [...words.keys()];
};

const compared = ['rev', 'conversation_id', 'position', 'removed', 'exact', 'folded', 'facets'] as const;

/** Null: they are the same. */
export const differenceOf = (
  id: string,
  live: Found | undefined,
  copy: Found | undefined,
): Difference | null => {
  const of = (kind: Difference['kind'], columns: string[] = []): Difference => ({
    table: 'documents',
    key: [id],
    kind,
    columns,
  });
  if (!live) return copy ? of('missing') : null;
  if (!copy) return of('extra');
  const columns: string[] = compared.filter((column) => live[column] !== copy[column]);
  if (Math.abs(live.place - copy.place) > nearPlaces) columns.push('place');
  return columns.length > 0 ? of('different', columns) : null;
};

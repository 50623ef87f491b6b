// Tables move row by row, so that people stay signed in and what waits for somebody is told once.
import type { MovableTables, MovedKey, MovedRow } from '../../ports/moving.ts';
import type { ConversationSettings } from '../../schemas/personal.ts';
import type { PlaceMap } from '../places/place-map.ts';

/** Of conversations, from the old log to the new one. */
export type Places = ReadonlyMap<string, PlaceMap>;

const pageSize = 500;

/** `change`: the row as it reads beside the new log. What is there already stays. Answers how many rows there were. */
export const copyTables = async <Table extends string>(
  from: MovableTables<Table>,
  to: MovableTables<Table>,
  change: (row: MovedRow, table: Table) => MovedRow,
): Promise<number> => {
  let copied = 0;
  for (const table of from.tables) {
    for (let after: MovedKey | null = null; ; ) {
      const { rows, next } = await from.page(table, after, pageSize);
      await to.take(
        table,
        rows.map((row) => change(row, table)),
      );
      copied += rows.length;
      after = next;
      if (rows.length < pageSize) break;
    }
    const [here, there] = [await from.count(table), await to.count(table)];
    // The target has its mark of this migration besides.
    if (there < here) throw new Error(`Of ${table} ${here} rows were to come, and ${there} are there.`);
  }
  return copied;
};

/** Settings of a conversation may name a place in it. */
export const accountRow =
  (places: Places) =>
  (row: MovedRow, table: string): MovedRow => {
    if (table !== 'personal_items' || row.kind !== 'conversation' || typeof row.value !== 'string')
      return row;
    const settings = JSON.parse(row.value) as ConversationSettings;
    const known = places.get(String(row.item_key));
    if (settings.unreadFrom === undefined || !known) return row;
    const unreadFrom = String(known.atOrAfter(Number(settings.unreadFrom)));
    return { ...row, value: JSON.stringify({ ...settings, unreadFrom }) };
  };

/** Nobody works at a notice there. */
export const notificationRow =
  (places: Places) =>
  (row: MovedRow, table: string): MovedRow =>
    table === 'notification_notices' ? { ...row, lease: null, position: placeOf(row, places) } : row;

/** Of a row that stands at a place of its conversation. */
export const placeOf = (row: MovedRow, places: Places): number => {
  const place = Number(row.position);
  return places.get(String(row.conversation_id))?.atOrAfter(place) ?? place;
};

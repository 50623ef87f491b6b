// Accounts move row by row: passwords, sessions and the keys that sign them, so that people stay signed in.
import { type AccountStore, type MovedKey, type MovedRow, movedTables } from '../../ports/accounts/port.ts';
import type { ConversationSettings } from '../../schemas/personal.ts';
import type { PlaceMap } from '../places/place-map.ts';

const pageSize = 500;

/** `places`: of a conversation, from the old log to the new one. */
export const copyAccounts = async (
  from: AccountStore,
  to: AccountStore,
  places: ReadonlyMap<string, PlaceMap>,
): Promise<number> => {
  let rows = 0;
  for (const table of movedTables) {
    for (let after: MovedKey | null = null; ; ) {
      const page = await from.movedPage(table, after, pageSize);
      const moved = table === 'personal_items' ? page.rows.map((row) => withPlaces(row, places)) : page.rows;
      await to.takeMoved(table, moved);
      rows += page.rows.length;
      after = page.next;
      if (page.rows.length < pageSize) break;
    }
    const [here, there] = [await from.countMoved(table), await to.countMoved(table)];
    // The target has its mark of this migration besides.
    if (there < here) throw new Error(`Of ${table} ${here} rows were to come, and ${there} are there.`);
  }
  return rows;
};

/** Settings of a conversation may name a place in it. */
const withPlaces = (row: MovedRow, places: ReadonlyMap<string, PlaceMap>): MovedRow => {
  if (row.kind !== 'conversation' || typeof row.value !== 'string') return row;
  const settings = JSON.parse(row.value) as ConversationSettings;
  const known = places.get(String(row.item_key));
  if (settings.unreadFrom === undefined || !known) return row;
  const unreadFrom = String(known.atOrAfter(Number(settings.unreadFrom)));
  return { ...row, value: JSON.stringify({ ...settings, unreadFrom }) };
};

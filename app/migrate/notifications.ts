// Choices, devices and notices move row by row, so that people are told as before and what waits is told once. Positions do
// not: the new installation begins at the end of the log that was copied, and tells nothing of it.
import { type MovableNotifications, movedNotificationTables } from '../../ports/notifications/port.ts';
import type { PlaceMap } from '../places/place-map.ts';

const pageSize = 500;
type Row = Awaited<ReturnType<MovableNotifications['movedPage']>>['rows'][number];

/** `places`: of a conversation, from the old log to the new one. Answers how many rows there were. */
export const copyNotifications = async (
  from: MovableNotifications,
  to: MovableNotifications,
  places: ReadonlyMap<string, PlaceMap>,
): Promise<number> => {
  let rows = 0;
  for (const table of movedNotificationTables) {
    for (let after: (string | number)[] | null = null; ; ) {
      const page = await from.movedPage(table, after, pageSize);
      const moved =
        table === 'notification_notices' ? page.rows.map((row) => withPlace(row, places)) : page.rows;
      await to.takeMoved(table, moved);
      rows += page.rows.length;
      after = page.next;
      if (page.rows.length < pageSize) break;
    }
    const [here, there] = [await from.countMoved(table), await to.countMoved(table)];
    if (there < here) throw new Error(`Of ${table} ${here} rows were to come, and ${there} are there.`);
  }
  return rows;
};

/** Nobody works at it there. */
const withPlace = (row: Row, places: ReadonlyMap<string, PlaceMap>): Row => {
  const known = places.get(String(row.conversation_id));
  return {
    ...row,
    lease: null,
    position: known ? known.atOrAfter(Number(row.position)) : Number(row.position),
  };
};

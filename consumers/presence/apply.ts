// From presence events to the rows that they leave behind. Pure.
import type { ChatEvent } from '../../schemas/events.ts';
import type { PresenceRow } from '../../schemas/rows.ts';

export type PresenceChange = { row: PresenceRow; position: number };

/** The last row of each person in this stretch: what came before it nobody will ask for. */
export const applyPresence = (events: { event: ChatEvent; position: number }[]): PresenceChange[] => {
  const rows = new Map<string, PresenceChange>();
  for (const { event, position } of events) {
    if (event.type !== 'presence.changed') continue;
    const row = event.data.presence;
    rows.set(row.userId, { row, position });
  }
  return [...rows.values()];
};

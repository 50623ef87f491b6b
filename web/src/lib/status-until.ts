// Until when a status holds, as a person says it. Pure.
export type StatusFor = 'open' | 'halfHour' | 'hour' | 'fourHours' | 'today' | 'week';
export const statusChoices: readonly StatusFor[] = ['open', 'halfHour', 'hour', 'fourHours', 'today', 'week'];

const minutes: Partial<Record<StatusFor, number>> = { halfHour: 30, hour: 60, fourHours: 240 };

/** Null: no end. A week ends with its Sunday. */
export const statusUntil = (choice: StatusFor, now: Date): string | null => {
  if (choice === 'open') return null;
  const end = new Date(now);
  const given = minutes[choice];
  if (given !== undefined) end.setTime(now.getTime() + given * 60_000);
  else {
    if (choice === 'week') end.setDate(end.getDate() + ((7 - end.getDay()) % 7));
    end.setHours(23, 59, 59, 0);
  }
  return end.toISOString();
};

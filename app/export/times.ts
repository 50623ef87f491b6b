// Times as people read them: in their time zone, the same everywhere and sortable.

export type TimeText = (at: string) => string;

/** `2026-01-31 18:05:09` in this zone. */
export const timesIn = (timeZone: string): TimeText => {
  // Sweden writes dates as everybody sorts them.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (at) => format.format(new Date(at));
};

// Moments on somebody's own clock. Days on which it jumps are right: every step goes by way of UTC. Pure.
import type { NotificationPreferences } from '../../schemas/notifications.ts';

type Wall = { year: number; month: number; day: number; weekday: number; minute: number };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** More than there are zones; what people call them is their choice. */
const formatsMax = 1_000;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(timeZone, made);
  return made;
};

/** Clocks are changed at full quarters of an hour, so one look serves each of them. */
const quarterMs = 900_000;
const offsetsMax = 20_000;
const offsets = new Map<string, number>();

/** How far the clock there is ahead of UTC. */
const offsetAt = (ms: number, timeZone: string): number => {
  const quarter = Math.floor(ms / quarterMs);
  const key = `${quarter} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= offsetsMax) offsets.clear();
  const at = quarter * quarterMs;
  const offset = readMs(at, timeZone) - at;
  offsets.set(key, offset);
  return offset;
};

/** What a clock there shows, as if it were UTC. */
const shownMs = (ms: number, timeZone: string): number => ms + offsetAt(ms, timeZone);

const partsOf = (ms: number, timeZone: string): Record<string, number> =>
  Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );

const readMs = (ms: number, timeZone: string): number => {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsOf(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

const wallOf = (ms: number, timeZone: string): Wall => {
  const shown = new Date(shownMs(ms, timeZone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(),
  };
};

/**
 * When the clock there first shows this. What it jumps over is the moment after the jump as much later as it was asked
 * for after its begin.
 */
const momentOf = ({ year, month, day, minute }: Omit<Wall, 'weekday'>, timeZone: string): number => {
  const asked = Date.UTC(year, month, day, 0, minute);
  // Offsets of a day before and after: what lies between two changes is right with one of them.
  const around = [asked - dayMs, asked + dayMs].map((ms) => offsetAt(ms, timeZone));
  const candidates = around.map((offset) => asked - offset).sort((a, b) => a - b);
  return candidates.find((ms) => shownMs(ms, timeZone) === asked) ?? (candidates.at(-1) as number);
};

const minutesOf = (clock: string): number => {
  const [hours, minutes] = clock.split(':').map(Number);
  return (hours as number) * 60 + (minutes as number);
};

/** When the quiet hours that this moment lies in end; null: it lies in none. */
export const quietUntil = (
  { quietHours, timeZone }: Pick<NotificationPreferences, 'quietHours' | 'timeZone'>,
  ms: number,
): number | null => {
  if (!quietHours) return null;
  const { days } = quietHours;
  const [from, to] = [minutesOf(quietHours.from), minutesOf(quietHours.to)];
  const now = wallOf(ms, timeZone);
  const endsOn = (daysAhead: number): number =>
    momentOf({ ...now, day: now.day + daysAhead, minute: to }, timeZone);
  const beganToday = days.includes(now.weekday) && now.minute >= from;
  let end: number | null = null;
  if (from < to) end = beganToday && now.minute < to ? endsOn(0) : null;
  else if (beganToday) end = endsOn(1);
  else if (now.minute < to && days.includes((now.weekday + 6) % 7)) end = endsOn(0);
  // An hour that comes twice ends them the first time.
  return end !== null && end > ms ? end : null;
};

/** The next time after this moment at which the clock there shows `clock`. */
export const nextAt = (clock: string, timeZone: string, ms: number): number => {
  const now = wallOf(ms, timeZone);
  for (let ahead = 0; ; ahead++) {
    const at = momentOf({ ...now, day: now.day + ahead, minute: minutesOf(clock) }, timeZone);
    if (at > ms) return at;
    if (ahead > 2) return ms + dayMs - (ms % minuteMs);
  }
};

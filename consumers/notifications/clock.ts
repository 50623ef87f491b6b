// Moments on somebody's own clock. Days on which it jumps are right: every step goes by way of UTC. Pure.
import type { NotificationPreferences } from '../../schemas/notifications.ts';
import { offsetAt } from '../../schemas/time-zone.ts';

type Wall = { year: number; month: number; day: number; weekday: number; minute: number };

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What a clock there shows, as if it were UTC. */
const shownMs = (ms: number, timeZone: string): number => ms + offsetAt(ms, timeZone);

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

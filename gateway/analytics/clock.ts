// The clock of a time zone over a stretch of time, in quarters of an hour: when it is changed, and which moment a day or
// an hour on it begins.
import type { ClockShift } from '../../ports/analytics/port.ts';
import { quarterMs } from '../../ports/analytics/port.ts';

const weekQuarters = 7 * 96;
const dayQuarters = 96;

/** Quarters by which the zone's clock is ahead of UTC at a moment; odd ones of long ago are rounded. */
const aheadIn = (timeZone: string): ((quarter: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (quarter) => {
    const name = format.formatToParts(quarter * quarterMs).find(({ type }) => type === 'timeZoneName')?.value;
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name ?? '') ?? [];
    if (!sign) return 0;
    const ahead = Math.round((Number(hours) * 60 + Number(minutes)) / 15);
    return sign === '-' ? -ahead : ahead;
  };
};

/** Over [from, to). Two changes within a week would be missed; no zone makes them. */
export const clockOf = (timeZone: string, from: number, to: number): ClockShift[] => {
  const aheadAt = aheadIn(timeZone);
  const clock: ClockShift[] = [{ from, ahead: aheadAt(from) }];
  for (let begin = from; begin < to; begin += weekQuarters) {
    const end = Math.min(begin + weekQuarters, to);
    const [before, after] = [aheadAt(begin), aheadAt(end)];
    if (before === after) continue;
    let [low, high] = [begin, end];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (aheadAt(middle) === before) low = middle;
      else high = middle;
    }
    clock.push({ from: high, ahead: after });
  }
  return clock;
};

const shiftAt = (clock: ClockShift[], quarter: number): ClockShift =>
  clock.findLast(({ from }) => from <= quarter) ?? (clock[0] as ClockShift);

/** The day on the clock, as days after 1970-01-01. */
export const dayAt = (clock: ClockShift[], quarter: number): number =>
  Math.floor((quarter + shiftAt(clock, quarter).ahead) / dayQuarters);

/** The quarter of UTC at which that day begins: its midnight, or the first moment after one that is skipped. */
export const beginOfDay = (clock: ClockShift[], day: number): number => {
  for (const [index, { from, ahead }] of [...clock.entries()].reverse()) {
    const quarter = day * dayQuarters - ahead;
    if (quarter >= from || index === 0) return quarter;
    // Skipped: the clock went past it at this very moment.
    const before = clock[index - 1] as ClockShift;
    if (day * dayQuarters - before.ahead >= from) return from;
  }
  throw new Error('a clock has at least one shift');
};

/** The quarter of UTC at which the hour on the clock begins in which this one lies. */
export const beginOfHour = (clock: ClockShift[], quarter: number): number => {
  const { ahead } = shiftAt(clock, quarter);
  return quarter - ((quarter + ahead) % 4);
};

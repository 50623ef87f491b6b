// Statistics as people ask for them and read them: stretches of time, and how long something took. Pure.
import type { Statistics, StatisticsSums } from '../../../schemas/views.ts';
import { localeOf } from './dates.ts';
import type { Language } from './i18n.ts';

export const stretches = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Stretch = (typeof stretches)[number];
const daysOf: Record<Stretch, number> = { day: 1, week: 7, month: 30, quarter: 90, year: 365 };

export type StatisticsAsked = {
  from: string;
  /** Without it: up to now. */
  to?: string;
  granularity: 'hour' | 'day';
  timeZone: string;
};

/**
 * Whole days of the person's calendar that end with today; a single day by the hour. `back`: so many such stretches
 * earlier, each ending where the one after it begins.
 */
export const askedFor = (stretch: Stretch, back = 0, now = new Date()): StatisticsAsked => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const days = daysOf[stretch];
  const begin = (earlier: number) => {
    if (stretch !== 'day') {
      const tomorrow = now.getDate() + 1;
      return new Date(now.getFullYear(), now.getMonth(), tomorrow - days * (earlier + 1));
    }
    const hour = new Date(now.getTime() - (24 * earlier + 23) * 3_600_000);
    hour.setMinutes(0, 0, 0);
    return hour;
  };
  return {
    from: begin(back).toISOString(),
    ...(back > 0 ? { to: begin(back - 1).toISOString() } : {}),
    granularity: stretch === 'day' ? 'hour' : 'day',
    timeZone,
  };
};

/** From when to when, in days; of a single day with the hours. The end is the last moment that is in it. */
export const stretchName = (language: Language, { from, to }: Pick<Statistics, 'from' | 'to'>): string => {
  const begin = new Date(from);
  const end = new Date(Date.parse(to) - 1);
  const isLong = end.getTime() - begin.getTime() > 86_400_000;
  return new Intl.DateTimeFormat(
    localeOf(language),
    isLong
      ? { day: 'numeric', month: 'short', year: 'numeric' }
      : { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' },
  ).formatRange(begin, end);
};

export const measures = ['messages', 'activePeople', 'newPeople', 'reactions', 'medianResponseMs'] as const;
export type Measure = (typeof measures)[number];

export const countText = (language: Language, count: number): string =>
  new Intl.NumberFormat(localeOf(language)).format(count);

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** In the largest unit of which there is at least one and a half: "90 min" says more than "2 h". */
export const durationText = (language: Language, ms: number | null): string => {
  if (ms === null) return '–';
  const [unit, size] = units.find(([, each]) => ms >= each * 1.5) ?? (['second', 1_000] as const);
  const format = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(localeOf(language), format).format(Math.max(1, Math.round(ms / size)));
};

export const measureText = (language: Language, measure: Measure, sums: StatisticsSums): string =>
  measure === 'medianResponseMs'
    ? durationText(language, sums.medianResponseMs)
    : countText(language, sums[measure]);

/** Where most was written: day of the week (Monday 0) and hour; null when nothing was. */
export const busiestHour = ({ hoursOfWeek }: Pick<Statistics, 'hoursOfWeek'>): [number, number] | null => {
  const most = Math.max(...hoursOfWeek);
  if (most === 0) return null;
  const at = hoursOfWeek.indexOf(most);
  return [Math.floor(at / 24), at % 24];
};

/** 2024-01-01 was a Monday. */
export const weekdayName = (language: Language, day: number, weekday: 'long' | 'short'): string =>
  new Intl.DateTimeFormat(localeOf(language), { weekday, timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, 1 + day),
  );

export const hourName = (language: Language, hour: number): string =>
  new Intl.DateTimeFormat(localeOf(language), { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, 1, hour),
  );

export const bucketName = (language: Language, at: string, granularity: 'hour' | 'day'): string =>
  new Intl.DateTimeFormat(
    localeOf(language),
    granularity === 'day'
      ? { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }
      : { weekday: 'short', hour: 'numeric', minute: '2-digit' },
  ).format(new Date(at));

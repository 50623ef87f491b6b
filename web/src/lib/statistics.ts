// Statistics as people ask for them and read them: stretches of time, and how long something took. Pure.
import type { Statistics, StatisticsSums } from '../../../schemas/views.ts';
import { localeOf } from './dates.ts';
import type { Language } from './i18n.ts';

export const stretches = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Stretch = (typeof stretches)[number];
const daysOf: Record<Stretch, number> = { day: 1, week: 7, month: 30, quarter: 90, year: 365 };

export type StatisticsAsked = { from: string; granularity: 'hour' | 'day'; timeZone: string };

/** Whole days that end with today; a single day by the hour. */
export const askedFor = (stretch: Stretch, now = new Date()): StatisticsAsked => {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysOf[stretch] + 1);
  if (stretch === 'day') from.setTime(now.getTime() - 23 * 3_600_000);
  if (stretch === 'day') from.setMinutes(0, 0, 0);
  return { from: from.toISOString(), granularity: stretch === 'day' ? 'hour' : 'day', timeZone };
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

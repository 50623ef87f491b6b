// Times as people read them, in the person's language and time zone. Formatters are kept: making one is slow.
import type { Language, Text } from './i18n.ts';
import type { User } from './protocol.ts';

const formatters = new Map<string, Intl.DateTimeFormat>();

const format = (language: Language, style: Intl.DateTimeFormatOptions, time: Date): string => {
  const key = language + JSON.stringify(style);
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat(localeOf(language), style);
  formatters.set(key, formatter);
  return formatter.format(time);
};

/** The browser's own variant of the language, when it has one: British English writes other times than American. */
export const localeOf = (language: Language): string =>
  globalThis.navigator?.languages?.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;

const dayNumber = (time: Date): number =>
  Math.round(new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime() / 86_400_000);

export const isSameDay = (a: string, b: string): boolean =>
  new Date(a).toDateString() === new Date(b).toDateString();

export const clockTime = (language: Language, time: string): string =>
  format(language, { hour: 'numeric', minute: '2-digit' }, new Date(time));

export const fullTime = (language: Language, time: string): string =>
  format(language, { dateStyle: 'full', timeStyle: 'short' }, new Date(time));

/** To the second: where a playback stands. */
export const momentTime = (language: Language, time: string): string =>
  format(language, { dateStyle: 'medium', timeStyle: 'medium' }, new Date(time));

export const dayName = (language: Language, text: Text, time: string, now = new Date()): string => {
  const date = new Date(time);
  const age = dayNumber(now) - dayNumber(date);
  if (age === 0) return text.today;
  if (age === 1) return text.yesterday;
  const isThisYear = date.getFullYear() === now.getFullYear();
  return format(
    language,
    { weekday: 'long', day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) },
    date,
  );
};

/** Whether somebody is here, else when they last were, as far as they let it be known. */
export const lastSeen = (
  language: Language,
  text: Text,
  { status, lastOnline }: Pick<User, 'status' | 'lastOnline'>,
): string =>
  status !== 'offline' || !lastOnline
    ? text[status]
    : text.lastOnline(`${dayName(language, text, lastOnline)} ${clockTime(language, lastOnline)}`);

/** A moment of some day, as short as it is clear: the clock alone means today. */
export const shortMoment = (language: Language, text: Text, time: string, now = new Date()): string =>
  isSameDay(time, now.toISOString())
    ? clockTime(language, time)
    : `${dayName(language, text, time, now)} ${clockTime(language, time)}`;

/** A date without its time, as short as it is clear: for chips. */
export const shortDate = (language: Language, day: string): string =>
  format(language, { day: 'numeric', month: 'short', year: 'numeric' }, new Date(dayStart(day)));

/** For the list: the clock today, the weekday this week, else the date. */
export const shortTime = (language: Language, time: string, now = new Date()): string => {
  const date = new Date(time);
  const age = dayNumber(now) - dayNumber(date);
  if (age === 0) return clockTime(language, time);
  if (age < 7) return format(language, { weekday: 'short' }, date);
  const isThisYear = date.getFullYear() === now.getFullYear();
  return isThisYear
    ? format(language, { day: 'numeric', month: 'short' }, date)
    : format(language, { dateStyle: 'short' }, date);
};

/** A day as a date field has it: `2026-11-23`. */
export const dayInput = (date: Date): string =>
  [
    String(date.getFullYear()).padStart(4, '0'),
    ...[date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')),
  ].join('-');

/** The moment at which that day begins where the person is. */
export const dayStart = (day: string): string => {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toISOString();
};

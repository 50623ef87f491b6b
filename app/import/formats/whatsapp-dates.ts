// The dates of WhatsApp's exports: day or month first, 12 or 24 hours, with brackets (iOS) or a dash (Android), in the
// phone's own time zone.
import { offsetAt } from '../../../schemas/time-zone.ts';

/** As written: three numbers, of which nobody knows yet which is which. */
export type Stamp = {
  date: [number, number, number];
  hour: number;
  minute: number;
  second: number;
  half: 'am' | 'pm' | null;
};
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

const date = String.raw`(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})`;
const time = String.raw`(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?([AaPp])\.?\s?[Mm]\.?|\s?(SA|CH|sáng|chiều))?`;
/** Marks of direction that iOS puts before lines, and its narrow spaces. */
const marks = /^[\u200e\u200f\u202a-\u202e\ufeff]+/u;
const forms = [new RegExp(`^\\[${date},? ${time}\\] `, 'u'), new RegExp(`^${date},? ${time} [-–] `, 'u')];
const timeFirst = [new RegExp(`^\\[${time},? ${date}\\] `, 'u'), new RegExp(`^${time},? ${date} [-–] `, 'u')];

export const stampOf = (line: string): { stamp: Stamp; rest: string } | null => {
  const text = line
    .replace(marks, '')
    .replace(/^(.{0,40})/u, (start) => start.replace(/[\u00a0\u202f]/gu, ' '));
  for (const [index, form] of [...forms, ...timeFirst].entries()) {
    const found = form.exec(text);
    if (!found) continue;
    const parts = found.slice(1);
    const [d, t] =
      index < forms.length ? [parts.slice(0, 3), parts.slice(3)] : [parts.slice(5), parts.slice(0, 5)];
    const half = t[3] ? `${t[3].toLowerCase()}m` : t[4] ? (/^(SA|sáng)$/.test(t[4]) ? 'am' : 'pm') : null;
    const stamp = {
      date: d.map(Number) as [number, number, number],
      hour: Number(t[0]),
      minute: Number(t[1]),
      second: Number(t[2] ?? 0),
      half: half as Stamp['half'],
    };
    return { stamp, rest: text.slice(found[0].length).replace(marks, '') };
  }
  return null;
};

/** Learns from all dates of a file how they are meant. */
export const learnOrder = () => {
  let first = 0;
  let second = 0;
  let year = false;
  let halves = false;
  const back = { dmy: 0, mdy: 0 };
  const last = { dmy: 0, mdy: 0 };
  return {
    see: ({ date: [a, b, c], half }: Stamp): void => {
      year ||= a > 31;
      first = Math.max(first, a);
      second = Math.max(second, b);
      halves ||= half !== null;
      for (const order of ['dmy', 'mdy'] as const) {
        const day = c * 10_000 + (order === 'dmy' ? b * 100 + a : a * 100 + b);
        if (day < last[order]) back[order] += 1;
        last[order] = day;
      }
    },
    order: (): DateOrder => {
      if (year) return 'ymd';
      if (first > 12) return 'dmy';
      if (second > 12) return 'mdy';
      // Time does not go back: what has fewer steps back is right.
      if (back.dmy !== back.mdy) return back.dmy < back.mdy ? 'dmy' : 'mdy';
      return halves ? 'mdy' : 'dmy';
    },
  };
};

/** Null: there is no such date. */
export const instantIn = (
  { date: [a, b, c], hour, minute, second, half }: Stamp,
  order: DateOrder,
  timeZone: string,
): number | null => {
  const [year, month, day] = order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b];
  const full = year < 100 ? 2000 + year : year;
  const hours = half === null ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  const wall = Date.UTC(full, month - 1, day, hours, minute, second);
  const read = new Date(wall);
  if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hours > 23 || minute > 59) return null;
  // The zone's offset at about that moment, then at that moment.
  const guess = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(guess, timeZone);
};

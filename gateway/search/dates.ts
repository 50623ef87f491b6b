// What "2026-11", "yesterday" or a moment mean on the clock of the person who asks.

import { offsetAt } from '../../schemas/time-zone.ts';

export type Span = { from: string; to: string };

const dayMs = 86_400_000;

/** The moment at which that day begins there. */
const midnight = (timeZone: string, year: number, month: number, day: number): number => {
  const wall = Date.UTC(year, month, day);
  // Once more with the offset of the found moment: clocks may have been changed in between.
  const first = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(first, timeZone);
};

/** Null: no such zone. */
export const knownZone = (timeZone: string): string | null => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
};

const iso = (at: number): string => new Date(at).toISOString();
const today = (timeZone: string, now: number): [number, number, number] => {
  const local = new Date(now + offsetAt(now, timeZone));
  return [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
};

/** Null: there is no such day. A moment is a span of a millisecond. */
export const spanOf = (typed: string, timeZone: string, now = Date.now()): Span | null => {
  if (typed === 'today' || typed === 'yesterday') {
    const [year, month, day] = today(timeZone, typed === 'today' ? now : now - dayMs);
    return {
      from: iso(midnight(timeZone, year, month, day)),
      to: iso(midnight(timeZone, year, month, day + 1)),
    };
  }
  if (typed.includes('T')) {
    const at = Date.parse(typed);
    return Number.isNaN(at) ? null : { from: iso(at), to: iso(at + 1) };
  }
  const [year = 0, month, day] = typed.split('-').map(Number);
  if (year < 1970 || year > 9998 || month === 0 || (month ?? 1) > 12) return null;
  if (day !== undefined && (day === 0 || day > new Date(Date.UTC(year, month as number, 0)).getUTCDate()))
    return null;
  const begin = midnight(timeZone, year, (month ?? 1) - 1, day ?? 1);
  let end = midnight(timeZone, year + 1, 0, 1);
  if (month !== undefined) end = midnight(timeZone, year, month, 1);
  if (day !== undefined) end = midnight(timeZone, year, (month as number) - 1, day + 1);
  return { from: iso(begin), to: iso(end) };
};

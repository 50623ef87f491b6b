// What people type after a command, read strictly: a wrong word is told, never guessed.
import { isId } from '../schemas/values.ts';

/** A wrong word of the person at the terminal. */
export class UsageError extends Error {}

export const idOf = (option: string, text: string): string => {
  if (!isId(text)) throw new UsageError(`${option} wants an id (a UUID), not "${text}".`);
  return text.toLowerCase();
};

export const numberOf = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} wants a number, not "${text}".`);
  return Number(text);
};

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time (RFC 3339 or a date), or how long ago: 90s, 30m, 12h, 7d. */
export const timeOf = (option: string, text: string | undefined, nowMs = Date.now()): number | null => {
  if (text === undefined) return null;
  const ago = /^(\d{1,9})([smhd])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * units[ago[2] as keyof typeof units];
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `${option} wants a time such as 2026-01-31, 2026-01-31T12:00:00Z or 12h (ago), not "${text}".`,
    );
  return at;
};

/** The name of a time zone that this machine knows. */
export const timeZoneOf = (option: string, text: string | undefined): string => {
  const zone = text ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw new UsageError(`${option} wants a time zone such as Asia/Ho_Chi_Minh or UTC, not "${text}".`);
  }
};

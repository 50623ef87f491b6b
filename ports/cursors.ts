// Where a page ended, in a form that nobody takes for something to calculate with.

import { ForeignCursorError } from './errors.ts';

type Part = string | number;
type Check<T> = (part: unknown) => part is T;

export const isText = (part: unknown): part is string => typeof part === 'string';
export const isCount = (part: unknown): part is number => Number.isSafeInteger(part) && (part as number) >= 0;
/** Exact, because a database may refuse to compare with the 31st of February. */
export const isTime = (part: unknown): part is string =>
  isText(part) && !Number.isNaN(Date.parse(part)) && new Date(part).toISOString() === part;

export const encodeCursor = (parts: Part[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Each part is checked: what somebody has made up must not reach a statement. Throws `ForeignCursorError`. */
export const decodeCursor = <T extends Part[]>(
  cursor: string,
  checks: { [I in keyof T]: Check<T[I]> },
): T => {
  const parts = partsOf(cursor);
  const fits =
    Array.isArray(parts) && parts.length === checks.length && checks.every((check, i) => check(parts[i]));
  if (!fits) throw new ForeignCursorError();
  return parts as T;
};

const partsOf = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
};

/** Takes the row that was read beyond the page to learn whether there is more. */
export const pageOf = <T>(
  rows: T[],
  limit: number,
  cursorOf: (last: T) => Part[],
): { items: T[]; nextCursor: string | null } => {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(cursorOf(last)) : null };
};

// Where a page ended, in a form that nobody takes for something to calculate with.

type Part = string | number;

export const encodeCursor = (parts: Part[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Null: not one of ours, whoever shows it gets an empty page. `shape` is an example of what is expected. */
export const decodeCursor = <T extends Part[]>(cursor: string, shape: T): T | null => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== shape.length) return null;
    return parts.every((part, i) => typeof part === typeof shape[i]) ? (parts as T) : null;
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

export const emptyPage = { items: [], nextCursor: null };

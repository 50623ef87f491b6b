// Where a link leads, and whether its words say so. Only addresses of the web and of mail are links at all. Pure.
import { withoutBidi } from './safe-text.ts';

/** `host`: to be shown beside the words, because they name none or another one; null when they are the address itself. */
export type Link = { href: string; host: string | null };

const schemes = new Set(['http:', 'https:', 'mailto:']);

/** Null: not an address that may be a link. The host is in ASCII, so that no letter passes for another. */
export const linkOf = (address: string, words: string): Link | null => {
  const url = parsed(address);
  if (!url || !schemes.has(url.protocol)) return null;
  const target = url.protocol === 'mailto:' ? decoded(url.pathname) : url.host;
  if (!target) return null;
  const isSaid = saidIn(words).toLowerCase() === target.toLowerCase();
  return { href: url.href, host: isSaid ? null : target };
};

/** What a reader takes for the host: all before the path, with a name and a password if there are any. */
const saidIn = (words: string): string =>
  /^(?:https?:\/\/|mailto:)?([^/?#\\\s]*)(?=[/?#\\]|$)/i.exec(withoutBidi(words).trim())?.[1] ?? '';

const parsed = (address: string): URL | null => {
  try {
    return new URL(address);
  } catch {
    return null;
  }
};

/** Not of a mail address that would hide another behind signs. */
const decoded = (path: string): string => {
  try {
    return withoutBidi(decodeURIComponent(path));
  } catch {
    return path;
  }
};

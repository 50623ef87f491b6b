// Finds web addresses in plain text, so that they can be links without any HTML from a message. Pure.

export type Part = { text: string; href?: string };

const candidates = /https?:\/\/[^\s<>"'`]+/gi;

export const splitLinks = (text: string): Part[] => {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(candidates)) {
    const address = withoutTrailing(match[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
};

/** Punctuation after an address belongs to the sentence; a closing bracket too, unless it was opened inside. */
const withoutTrailing = (address: string): string => {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1]!;
    const isStray = last === ')' && count(address.slice(0, end), ')') > count(address.slice(0, end), '(');
    if (!isStray && !'.,;:!?…'.includes(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
};

const safeHref = (address: string): string | null => {
  try {
    const url = new URL(address);
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url.href : null;
  } catch {
    return null;
  }
};

const count = (text: string, letter: string): number => text.split(letter).length - 1;

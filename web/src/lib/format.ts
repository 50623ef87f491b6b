// Changes to a text that is being written: marks around a selection, a link from a pasted address, the next item of a list.
// Pure; a change says what to replace and what is selected afterwards.

export type Change = { start: number; end: number; text: string; select: [number, number] };
export type Mark = '**' | '*' | '~~' | '`';

/** Puts the marks around what is selected, or takes them away when they are there. Spaces at the ends stay outside. */
export const marked = (text: string, start: number, end: number, mark: Mark): Change => {
  const selected = text.slice(start, end);
  const from = start + (selected.length - selected.trimStart().length);
  const to = Math.max(from, end - (selected.length - selected.trimEnd().length));
  const inner = text.slice(from, to);
  const size = mark.length;
  if (isMarked(text.slice(0, from), mark, 'end') && isMarked(text.slice(to), mark, 'start'))
    return { start: from - size, end: to + size, text: inner, select: [from - size, to - size] };
  return { start: from, end: to, text: mark + inner + mark, select: [from + size, to + size] };
};

/** Whether the text ends or starts with just this mark: of three stars two are bold and one is italic. */
const isMarked = (text: string, mark: Mark, side: 'start' | 'end'): boolean => {
  const letter = mark.charAt(0);
  const signs = side === 'end' ? [...text].reverse() : [...text];
  const found = signs.findIndex((sign) => sign !== letter);
  const count = found < 0 ? signs.length : found;
  return mark === '*' ? count % 2 === 1 : count >= mark.length;
};

/** An address pasted over words becomes their link. Null: it is to be pasted as it is. */
export const linked = (text: string, start: number, end: number, pasted: string): Change | null => {
  const words = text.slice(start, end);
  if (!/^https?:\/\/[^\s()<>]+$/i.test(pasted) || !words.trim() || /[[\]\n]|https?:\/\//i.test(words))
    return null;
  const link = `[${words}](${pasted})`;
  return { start, end, text: link, select: [start + link.length, start + link.length] };
};

const item = /^([ \t]*(?:> ?)*)(?:([-*+])|(\d{1,6})([.)]))( +)(.*)$/s;
const quoted = /^([ \t]*(?:> ?)+)(.*)$/s;

/** A new line within a list or quote goes on with it; after an empty item it ends. Null: just a new line. */
export const continued = (text: string, start: number, end: number): Change | null => {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.slice(lineStart, start);
  const [, indent = '', bullet, number, dot = '', space = ' ', words = ''] = item.exec(line) ?? [];
  const quote = quoted.exec(line);
  if (bullet === undefined && number === undefined && !quote) return null;
  if (!(bullet || number ? words : quote?.[2])?.trim())
    return { start: lineStart, end, text: '', select: [lineStart, lineStart] };
  const sign = number === undefined ? bullet : `${Number(number) + 1}${dot}`;
  const next = sign === undefined ? `\n${quote?.[1]}` : `\n${indent}${sign}${space}`;
  return { start, end, text: next, select: [start + next.length, start + next.length] };
};

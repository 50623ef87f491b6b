// The part of a message that shows why it was found: around the first highlight, cut between words, never as HTML. Pure.
import type { Highlight } from '../../../schemas/views.ts';

export type SnippetPart = { text: string; isHit: boolean };

const lengthMax = 180;
const before = 50;

export const snippetOf = (content: string, highlights: readonly Highlight[]): SnippetPart[] => {
  const marks = highlights.filter(({ start, length }) => start >= 0 && start + length <= content.length);
  const from = begin(content, marks[0]?.start ?? 0);
  const to = end(content, from + lengthMax);
  const parts: SnippetPart[] = [];
  const add = (text: string, isHit: boolean) => text && parts.push({ text, isHit });
  let at = from;
  add(from > 0 ? '…' : '', false);
  for (const { start, length } of marks) {
    if (start < at || start + length > to) continue;
    add(content.slice(at, start), false);
    add(content.slice(start, start + length), true);
    at = start + length;
  }
  add(content.slice(at, to), false);
  add(to < content.length ? '…' : '', false);
  return parts;
};

/** At a space before the highlight when there is one near, and never inside a character. */
const begin = (content: string, first: number): number => {
  if (first <= before + 20) return 0;
  const wanted = first - before;
  const space = content.slice(wanted, first).search(/\s\S/);
  return whole(content, space < 0 ? wanted : wanted + space + 1);
};

const end = (content: string, wanted: number): number => {
  if (wanted >= content.length) return content.length;
  const space = content.lastIndexOf(' ', wanted);
  return whole(content, space > wanted - 30 ? space : wanted);
};

const whole = (content: string, at: number): number =>
  /[\udc00-\udfff]/.test(content.charAt(at)) ? at - 1 : at;

// What stands in the search box, as words and filters, and back: the filters are the operators in the text, shown as
// chips, so that typing and clicking are one thing. Pure; which operators there are is said by the schemas.
import { readSearch, searchParts } from '../../../schemas/search-query.ts';
import { fold } from '../../../schemas/search-text.ts';

export type FilterKind = 'from' | 'in' | 'before' | 'after' | 'on' | 'has' | 'is' | 'mentions';
/** `start` and `end`: where it stands in the text as `readQuery` gives it. */
export type Filter = { kind: FilterKind; value: string; start: number; end: number };
export type Query = {
  text: string;
  filters: Filter[];
  /** The rest: what names of people and conversations can be compared with. */
  words: string;
};
export type Titled = { id: string; title: string };

const times = new Set<FilterKind>(['before', 'after', 'on']);

export const readQuery = (typed: string): Query => {
  const text = typed.normalize('NFC');
  const filters: Filter[] = [];
  for (const { whole, start, operator, isWithout, value } of searchParts(text)) {
    const { terms, without } = readSearch(whole);
    // What only looks like an operator (a link, a time, a day that is none) is searched for as words.
    if (!operator || isWithout || !value || terms.length + without.length > 0) continue;
    filters.push({ kind: operator as FilterKind, value, start, end: start + whole.length });
  }
  return { text, filters, words: cut(text, filters) };
};

export const withoutFilter = ({ text }: Query, filter: Filter): string => tidy(cut(text, [filter]));

/** One filter more, ready for the next word. Times replace each other unless they bound a span. */
export const withFilter = (query: Query, kind: FilterKind, value: string): string => {
  const has = query.filters.some((one) => one.kind === kind && sameWord(one.value, value));
  if (has) return query.text;
  const replaced = query.filters.filter(
    (one) =>
      times.has(kind) && times.has(one.kind) && (kind === 'on' || one.kind === 'on' || one.kind === kind),
  );
  const rest = tidy(cut(query.text, replaced)).trimEnd();
  return `${rest}${rest ? ' ' : ''}${kind}:${quoted(value)} `;
};

/** The question as the server understands it: a conversation that is named by its title is named by its id. */
export const questionOf = ({ text, filters }: Query, conversations: readonly Titled[]): string => {
  let question = text;
  for (const { kind, value, start, end } of filters.toReversed()) {
    if (kind !== 'in') continue;
    const named = conversations.filter(({ title }) => sameWord(title, value));
    if (named.length === 0) continue;
    question = question.slice(0, start) + named.map(({ id }) => `in:${id}`).join(' ') + question.slice(end);
  }
  return question.trim();
};

/** How a conversation is named in the box: by its title, or by its id when others are called the same. */
export const nameIn = (id: string, conversations: readonly Titled[]): string => {
  const title = conversations.find((one) => one.id === id)?.title ?? '';
  const isOnly = conversations.filter((one) => sameWord(one.title, title)).length === 1;
  return title && isOnly && !title.includes('"') ? title : id;
};

/** Whether a name has the words in it; case and accents do not matter. */
export const hasWords = (name: string, words: string): boolean => folded(name).includes(folded(words.trim()));

/** Without case and accents. */
export const folded = (words: string): string => fold(words.normalize('NFC').toLowerCase());
const sameWord = (a: string, b: string): boolean => folded(a) === folded(b);
const quoted = (value: string): string => (/\s/.test(value) ? `"${value.replaceAll('"', '')}"` : value);
const tidy = (text: string): string => text.replace(/ {2,}/g, ' ').trimStart();
const cut = (text: string, filters: readonly Filter[]): string =>
  filters.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);

// Words of somebody's own in a text: whole words, without case and accents, several in a row where there are several.
import { tokensOf } from './search-text.ts';

/** A text as words are looked for in it. */
export const wordsOf = (text: string): string =>
  ` ${tokensOf(text)
    .map(({ folded }) => folded)
    .join(' ')} `;

const keptMax = 10_000;
const kept = new Map<string, string>();

const wordsOfKeyword = (keyword: string): string => {
  const known = kept.get(keyword);
  if (known !== undefined) return known;
  if (kept.size >= keptMax) kept.clear();
  const words = wordsOf(keyword);
  kept.set(keyword, words);
  return words;
};

/** `words`: of `wordsOf`. */
export const hasKeyword = (words: string, keywords: readonly string[]): boolean =>
  keywords.some((keyword) => {
    const wanted = wordsOfKeyword(keyword);
    return wanted.trim() !== '' && words.includes(wanted);
  });

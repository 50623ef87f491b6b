// Words of somebody's own in a text: whole words, without case and accents, several in a row where there are several.
import { tokensOf } from '../../schemas/search-text.ts';

/** A text as words are looked for in it. */
export const wordsOf = (text: string): string =>
  ` ${tokensOf(text)
    .map(({ folded }) => folded)
    .join(' ')} `;

/** `words`: of `wordsOf`. */
export const hasKeyword = (words: string, keywords: readonly string[]): boolean =>
  keywords.some((keyword) => {
    const wanted = wordsOf(keyword);
    return wanted.trim() !== '' && words.includes(wanted);
  });

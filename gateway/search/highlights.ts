// Where the words stand that were searched for: the same comparison that the index makes, on the text that is shown.

import { isLoose, type SearchTerm } from '../../schemas/search-query.ts';
import { isTypoOf, type Token, tokensOf } from '../../schemas/search-text.ts';
import type { Highlight } from '../../schemas/views.ts';

/** Words at which each term is found, best spelling only: who finds "đường" need not be shown "duong" beside it. */
export const highlightsOf = (content: string, terms: SearchTerm[]): Highlight[] => {
  const tokens = tokensOf(content);
  const marked = new Set<number>();
  for (const term of terms) for (const at of placesOf(tokens, term)) marked.add(at);
  return [...marked]
    .sort((a, b) => a - b)
    .map((at) => {
      const { start, length } = tokens[at] as Token;
      return { start, length };
    });
};

type Fits = (asked: SearchTerm['tokens'][number], found: Token) => boolean;
const exact: Fits = (asked, found) => found.exact === asked.exact;
const folded: Fits = (asked, found) => found.folded === asked.folded;
const prefix: Fits = (asked, found) => found.folded.startsWith(asked.folded);
const typo: Fits = (asked, found) => prefix(asked, found) || isTypoOf(asked.folded, found.folded);

const placesOf = (tokens: Token[], term: SearchTerm): number[] => {
  const { tokens: asked } = term;
  for (const fits of isLoose(term) ? [exact, folded, prefix, typo] : [exact, folded]) {
    const found: number[] = [];
    for (let from = 0; from + asked.length <= tokens.length; from += 1)
      if (asked.every((word, i) => fits(word, tokens[from + i] as Token)))
        for (let i = 0; i < asked.length; i += 1) found.push(from + i);
    if (found.length > 0) return found;
  }
  return [];
};

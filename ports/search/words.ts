// What both indexes keep of a message: its words as one text, parted by spaces, in both spellings; and its facets.
import { isLoose, type SearchTerm } from '../../schemas/search-query.ts';
import { tokensOf } from '../../schemas/search-text.ts';
import type { SearchTier } from './port.ts';

/** More would let one message of punctuation-free nonsense weigh as much as a thousand. */
const tokensMax = 20_000;

export const wordsOf = (content: string): { exact: string; folded: string } => {
  const tokens = tokensOf(content).slice(0, tokensMax);
  return {
    exact: tokens.map(({ exact }) => exact).join(' '),
    folded: tokens.map(({ folded }) => folded).join(' '),
  };
};

export type Spelling = 'exact' | 'folded';
export const textOf = ({ tokens }: SearchTerm, spelling: Spelling): string =>
  tokens.map((token) => token[spelling]).join(' ');

/** The tiers in which this question can have an answer, best first. */
export const tiersOf = (terms: SearchTerm[]): SearchTier[] => {
  if (terms.length === 0) return ['exact'];
  return terms.some(isLoose) ? ['exact', 'folded', 'prefix', 'typo'] : ['exact', 'folded'];
};

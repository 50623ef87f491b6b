// A question in the language of FTS5. Everything that a person typed goes in as a quoted string of words, so that none of
// it is ever read as language.
import { isLoose, type SearchTerm } from '../../schemas/search-query.ts';
import type { SearchRequest, SearchTier } from './port.ts';
import { facet } from './sqlite-facets.ts';
import { textOf } from './words.ts';

/** For each word that may be mistyped, words of the index that are one typo away. */
export type Typos = Map<string, string[]>;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const anyOf = (parts: string[]): string =>
  parts.length === 1 ? (parts[0] as string) : `(${parts.join(' OR ')})`;
const facets = (words: string[]): string => `facets : ${anyOf(words.map(quoted))}`;

const termMatch = (term: SearchTerm, tier: SearchTier, typos: Typos): string => {
  if (tier === 'exact') return `exact : ${quoted(textOf(term, 'exact'))}`;
  const folded = textOf(term, 'folded');
  if (tier === 'folded' || !isLoose(term)) return `folded : ${quoted(folded)}`;
  const begins = `folded : ${quoted(folded)} *`;
  const meant = tier === 'typo' ? (typos.get(folded) ?? []) : [];
  return anyOf([begins, ...meant.map((word) => `folded : ${quoted(word)}`)]);
};

/** Messages whose words fit at least as well as `tier`. */
const wordsMatch = (terms: SearchTerm[], tier: SearchTier, typos: Typos): string | null =>
  terms.length === 0 ? null : terms.map((term) => termMatch(term, tier, typos)).join(' AND ');

/** Everything but words: which conversations, who, what kind. */
const narrowing = ({ scope, senderIds, has, isReply, mentions }: SearchRequest): string[] => [
  facets(scope.map(({ conversationId }) => facet.conversation(conversationId))),
  ...(senderIds ? [facets(senderIds.map(facet.sender))] : []),
  ...has.map((what) => facets([facet.has(what)])),
  ...(isReply ? [facets([facet.reply])] : []),
  ...mentions.map((id) => facets([facet.mention(id)])),
];

/**
 * `better`: the tier above, whose messages are left out because they have been answered before. The scope and the
 * senders are not empty.
 */
export const matchOf = (
  request: SearchRequest,
  tier: SearchTier,
  better: SearchTier | null,
  typos: Typos,
): string => {
  const words = wordsMatch(request.terms, tier, typos);
  const all = [...(words ? [words] : []), ...narrowing(request)].join(' AND ');
  const not = request.without.map((term) => `folded : ${quoted(textOf(term, 'folded'))}`);
  if (better) not.push(`(${wordsMatch(request.terms, better, typos)})`);
  return not.length === 0 ? all : `(${all}) NOT ${anyOf(not)}`;
};

// A question in the language of Elasticsearch. What a person typed is only ever a value, never a query string.
import type { estypes } from '@elastic/elasticsearch';
import { isLoose, type SearchTerm } from '../../schemas/search-query.ts';
import { allowsTypo } from '../../schemas/search-text.ts';
import type { SearchRequest, SearchScope, SearchTier } from './port.ts';
import { type Spelling, textOf, tiersOf } from './words.ts';

type Query = estypes.QueryDslQueryContainer;

const typosMax = 30;

const asSpelt = (term: SearchTerm, spelling: Spelling): Query => {
  const text = textOf(term, spelling);
  return term.tokens.length === 1
    ? { term: { [spelling]: text } }
    : { match_phrase: { [spelling]: { query: text } } };
};

const termQuery = (term: SearchTerm, tier: SearchTier): Query => {
  if (tier === 'exact') return asSpelt(term, 'exact');
  if (tier === 'folded' || !isLoose(term)) return asSpelt(term, 'folded');
  const word = textOf(term, 'folded');
  const begins: Query = { prefix: { folded: { value: word } } };
  if (tier === 'prefix' || !allowsTypo(word)) return begins;
  const typo = {
    value: word,
    fuzziness: 1,
    prefix_length: 1,
    max_expansions: typosMax,
    transpositions: true,
  };
  return { bool: { should: [begins, { fuzzy: { folded: typo } }] } };
};

/** Each tier has a score of its own, so that the best one that fits is the message's. */
const wordsQuery = (terms: SearchTerm[]): Query => {
  const tiers = tiersOf(terms);
  if (terms.length === 0) return { constant_score: { filter: { match_all: {} }, boost: tiers.length } };
  const queries = tiers.map((tier, index) => ({
    constant_score: {
      filter: { bool: { filter: terms.map((term) => termQuery(term, tier)) } },
      boost: tiers.length - index,
    },
  }));
  return { dis_max: { queries } };
};

const scopeQuery = (scope: SearchScope): Query => {
  const whole = scope.filter(({ visible }) => visible === 'all').map(({ conversationId }) => conversationId);
  const parts = scope.flatMap(({ conversationId, visible }): Query[] => {
    if (visible === 'all') return [];
    const spans = visible.map(([gte, lt]): Query => ({ range: { position: { gte, lt } } }));
    return [{ bool: { filter: [{ term: { conversationId } }, { bool: { should: spans } }] } }];
  });
  const all: Query[] = [...(whole.length > 0 ? [{ terms: { conversationId: whole } }] : []), ...parts];
  return { bool: { should: all, minimum_should_match: 1 } };
};

export const queryOf = (request: SearchRequest): Query => {
  const { terms, without, scope, senderIds, from, to, has, isReply, mentions } = request;
  const filter: Query[] = [scopeQuery(scope)];
  if (senderIds) filter.push({ terms: { senderId: senderIds } });
  if (from !== undefined || to !== undefined)
    filter.push({ range: { at: { ...(from ? { gte: from } : {}), ...(to ? { lt: to } : {}) } } });
  for (const what of has) filter.push({ term: { has: what } });
  if (isReply) filter.push({ term: { isReply: true } });
  for (const userId of mentions) filter.push({ term: { mentions: userId } });
  return {
    bool: { must: [wordsQuery(terms)], filter, must_not: without.map((term) => asSpelt(term, 'folded')) },
  };
};

// What a person types into the search box, taken apart: words, "phrases", -without, and operators such as from:an.
// Names and dates are left as typed: who and when they mean is known to the gateway.
import { type Token, tokensOf } from './search-text.ts';

/** Words that stand together, in this order. One word only: it may also be the beginning of one, or mistyped. */
export type SearchTerm = { tokens: Pick<Token, 'exact' | 'folded'>[]; isQuoted: boolean };

/** Fewer letters begin half of all words there are. */
const prefixLengthMin = 2;
/** A single word that is not in quotes may be the beginning of what is meant, or mistyped. */
export const isLoose = ({ tokens, isQuoted }: SearchTerm): boolean => {
  const [only, ...others] = tokens;
  return !isQuoted && only !== undefined && others.length === 0 && [...only.folded].length >= prefixLengthMin;
};

export const searchHas = ['link', 'file', 'image'] as const;
export type SearchHas = (typeof searchHas)[number];

export type SearchWords = {
  terms: SearchTerm[];
  without: SearchTerm[];
  /** User names. */
  from: string[];
  /** Names or ids of conversations. */
  in: string[];
  /** User names; `me` is the reader. */
  mentions: string[];
  has: SearchHas[];
  isReply: boolean;
  /** Dates as typed: `2026`, `2026-11`, `2026-11-23`, `today`, `yesterday`. */
  before: string[];
  after: string[];
  on: string[];
};

const part = /(-?)(?:(from|in|before|after|on|has|is|mentions):)?(?:"([^"]*)"?|(\S+))/giu;
export type SearchPart = {
  whole: string;
  start: number;
  isWithout: boolean;
  operator: string | undefined;
  value: string;
  isQuoted: boolean;
};

/** The words, phrases and operators one after the other, where they stand in the text. */
export const searchParts = (typed: string): SearchPart[] =>
  [...typed.matchAll(part)].map(({ 0: whole, 1: minus, 2: operator, 3: quoted, 4: bare, index }) => ({
    whole,
    start: index,
    isWithout: minus !== '',
    operator: operator?.toLowerCase(),
    value: (quoted ?? bare ?? '').trim(),
    isQuoted: quoted !== undefined,
  }));

const dateForm = /^(?:\d{4}(?:-\d{2}(?:-\d{2})?)?|today|yesterday)$/i;

export const readSearch = (typed: string): SearchWords => {
  const words: SearchWords = {
    terms: [],
    without: [],
    from: [],
    in: [],
    mentions: [],
    has: [],
    isReply: false,
    before: [],
    after: [],
    on: [],
  };
  for (const { whole, isWithout, operator, value, isQuoted } of searchParts(typed.normalize('NFC'))) {
    if (operator && !isWithout && value && take(words, operator, value)) continue;
    // What looks like an operator and is none is meant as words: a link, a time, a line of code.
    const said = operator ? whole.replace(/^-/, '') : value;
    const tokens = tokensOf(said).map(({ exact, folded }) => ({ exact, folded }));
    if (tokens.length > 0) (isWithout ? words.without : words.terms).push({ tokens, isQuoted });
  }
  return words;
};

/** False: it is no operator after all. */
const take = (words: SearchWords, operator: string, value: string): boolean => {
  const folded = value.toLowerCase();
  switch (operator) {
    case 'from':
    case 'mentions':
      words[operator].push(value.replace(/^@/, ''));
      return true;
    case 'in':
      words.in.push(value.replace(/^#/, ''));
      return true;
    case 'before':
    case 'after':
    case 'on':
      if (!dateForm.test(value)) return false;
      words[operator].push(folded);
      return true;
    case 'has': {
      const has = searchHas.find((known) => known === folded);
      if (has) words.has.push(has);
      return has !== undefined;
    }
    default:
      if (folded !== 'reply') return false;
      words.isReply = true;
      return true;
  }
};

// Text as search sees it: words without case and accents. One function for what is indexed, asked and highlighted, so
// that every index gives the same answers.

/** `exact`: as written, without case. `folded`: without accents too. `start` and `length` in UTF-16 units of the text. */
export type Token = { exact: string; folded: string; start: number; length: number };

/** Scripts that do not part their words: every letter is a word, and words that stand together are a phrase. */
const unspaced = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const letterOfItsOwn = `[\\p{L}&&[${unspaced}]]`;
const word = `[[\\p{L}\\p{N}_]--[\\p{L}&&[${unspaced}]]][[\\p{L}\\p{M}\\p{N}_]--[\\p{L}&&[${unspaced}]]]*`;
const tokenExpression = new RegExp(`${letterOfItsOwn}\\p{M}*|${word}|\\p{Emoji_Presentation}`, 'gv');

/** Longer words (keys, blobs) are told apart by their beginning only. */
const tokenLengthMax = 64;
const accents = /[\u0300-\u036f]/g;
const ascii = /^[\x20-\x7e]*$/;

/** "Đường" → "duong". Letters whose accents are part of them in another way (Hangul, ß) stay. */
export const fold = (exact: string): string => {
  if (ascii.test(exact)) return exact;
  return exact.normalize('NFD').replace(accents, '').normalize('NFC').replaceAll('đ', 'd');
};

export const tokensOf = (text: string): Token[] => {
  const tokens: Token[] = [];
  for (const { 0: found, index } of text.matchAll(tokenExpression)) {
    const exact = [...found.normalize('NFC').toLowerCase()].slice(0, tokenLengthMax).join('');
    tokens.push({ exact, folded: fold(exact), start: index, length: found.length });
  }
  return tokens;
};

/** True when one insertion, deletion, substitution or swap of neighbours at most lies between them. */
export const isOneTypoAway = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [[...a], [...b]] : [[...b], [...a]];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const sameFrom = (i: number, j: number): boolean => {
    for (; i < short.length && j < long.length; i += 1, j += 1) if (short[i] !== long[j]) return false;
    return i === short.length && j === long.length;
  };
  if (short.length < long.length) return sameFrom(at, at + 1);
  if (at === short.length || sameFrom(at + 1, at + 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && sameFrom(at + 2, at + 2);
};

/** Words shorter than this are taken as they are: one letter more or less makes another word of them. */
const typoLengthMin = 4;
export const allowsTypo = (folded: string): boolean => [...folded].length >= typoLengthMin;
/** The first letter is right, as it nearly always is: it is what keeps the candidates few. */
export const isTypoOf = (asked: string, found: string): boolean =>
  allowsTypo(asked) && [...asked][0] === [...found][0] && isOneTypoAway(asked, found);

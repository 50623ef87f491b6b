// Finding an emoji by its shortcode or a word, with or without accents. Pure.
import { fold } from '../../../schemas/search-text.ts';

export type Emoji = { char: string; label: string; codes: string[]; words: string; hasTones: boolean };
export type EmojiGroup = { name: string; emoji: Emoji[] };

/** A whole shortcode first, then its beginning, then a word that begins so; all words must be found. */
export const findEmoji = (groups: readonly EmojiGroup[], query: string, max: number): Emoji[] => {
  const asked = fold(query.trim().toLowerCase()).replaceAll('_', ' ').split(/\s+/).filter(Boolean);
  if (asked.length === 0) return [];
  const code = asked.join('_');
  const found: Emoji[][] = [[], [], []];
  for (const { emoji } of groups) {
    for (const one of emoji) {
      if (one.codes.includes(code)) found[0]!.push(one);
      else if (one.codes.some((known) => known.startsWith(code))) found[1]!.push(one);
      else if (hasWords(one, asked)) found[2]!.push(one);
    }
  }
  return found.flat().slice(0, max);
};

const hasWords = ({ words, codes }: Emoji, asked: string[]): boolean => {
  const all = ` ${fold(words.toLowerCase())} ${codes.join(' ').replaceAll('_', ' ')}`;
  return asked.every((word) => all.includes(` ${word}`));
};

/** Tone 0 is the yellow one, 1 to 5 from light to dark. */
export const toned = ({ char, hasTones }: Emoji, tone: number): string => {
  if (!hasTones || tone === 0) return char;
  const [first = '', ...rest] = char.replaceAll('\ufe0f', '');
  return first + String.fromCodePoint(0x1f3fa + tone) + rest.join('');
};

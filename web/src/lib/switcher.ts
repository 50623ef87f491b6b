// What the quick switcher finds for a few letters, best first. Pure.
import { folded } from './query.ts';

/** How well a name fits; null: not at all. Lower is better, so that an empty question fits everything alike. */
export const rankOf = (name: string, asked: string): number | null => {
  const [text, letters] = [folded(name), folded(asked.trim())];
  if (letters === '') return 0;
  if (text === letters) return 0;
  if (text.startsWith(letters)) return 1;
  const at = text.indexOf(letters);
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 3 : 2;
  const gaps = gapsOf(text, letters.replaceAll(/\s/g, ''));
  return gaps === null ? null : 4 + gaps;
};

/** Letters in this order with others between them: how many stretches of others there are. Null: not in this order. */
const gapsOf = (text: string, letters: string): number | null => {
  let at = -1;
  let gaps = 0;
  for (const letter of letters) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    // A letter that begins a word is no gap: "wt" finds "Weekend trip".
    if (next > at + 1 && /[\p{L}\p{N}]/u.test(text[next - 1] ?? ' ')) gaps += 1;
    at = next;
  }
  return gaps;
};

/** `choices` in the order in which they stand when nothing is asked; equal ones keep it. */
export const bestOf = <Choice extends { title: string }>(
  choices: readonly Choice[],
  asked: string,
  countMax: number,
): Choice[] =>
  choices
    .flatMap((choice) => {
      const score = rankOf(choice.title, asked);
      return score === null ? [] : [{ choice, score }];
    })
    .sort((a, b) => a.score - b.score)
    .slice(0, countMax)
    .map(({ choice }) => choice);

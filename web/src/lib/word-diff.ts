// What an edit did to a text, word by word: the longest sequence of words that both texts have stays, the rest came or
// went.

export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string };

/** A word, white space, or one other character; all of them together are the text. */
const token =
  /[\p{L}\p{N}\p{M}_]+|\s+|\p{Extended_Pictographic}(?:\u200d\p{Extended_Pictographic}|\ufe0f)*|./gsu;
const tokensOf = (text: string): string[] => text.match(token) ?? [];

/** Comparisons of words with words; beyond, all that is between the common ends was replaced. */
const comparisonsMax = 4_000_000;

export const wordDiff = (before: string, after: string): DiffPart[] => {
  const [old, now] = [tokensOf(before), tokensOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let [oldEnd, nowEnd] = [old.length, now.length];
  while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) {
    oldEnd -= 1;
    nowEnd -= 1;
  }
  const same = (words: string[]): DiffPart => ({ kind: 'same', text: words.join('') });
  return joined([
    same(old.slice(0, start)),
    ...between(old.slice(start, oldEnd), now.slice(start, nowEnd)),
    same(old.slice(oldEnd)),
  ]);
};

const between = (old: string[], now: string[]): DiffPart[] => {
  if (old.length * now.length > comparisonsMax)
    return [
      { kind: 'removed', text: old.join('') },
      { kind: 'added', text: now.join('') },
    ];
  const width = now.length + 1;
  /** Of what begins at these two words: how many can stay. */
  const stays = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number): number => stays[i * width + j] as number;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      stays[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [was, is] = [old[i], now[j]];
    if (was !== undefined && was === is) {
      parts.push({ kind: 'same', text: was });
      i += 1;
      j += 1;
    } else if (was !== undefined && (is === undefined || at(i + 1, j) >= at(i, j + 1))) {
      parts.push({ kind: 'removed', text: was });
      i += 1;
    } else if (is !== undefined) {
      parts.push({ kind: 'added', text: is });
      j += 1;
    }
  }
  return parts;
};

/** Neighbours of one kind become one. */
const joined = (parts: DiffPart[]): DiffPart[] => {
  const found: DiffPart[] = [];
  for (const { kind, text } of parts) {
    const last = found.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text !== '') found.push({ kind, text });
  }
  return found;
};

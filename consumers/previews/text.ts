// What strangers say, made fit to stand within our own text: one line, bounded, nothing that nobody sees. Pure.

/** Controls, marks of direction, and characters without a shape. */
const unseen =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** More marks over one letter than any writing has climb over the lines around. */
const pile = /(\p{M}{4})\p{M}+/gu;

/** At most `lengthMax` UTF-16 units, with a sign where something was cut. */
export const plainLine = (text: string, lengthMax: number): string => {
  // Nothing far behind what is shown is worth looking at.
  const line = text
    .slice(0, lengthMax * 8)
    .replace(/[\t\n\f\r]/g, ' ')
    .replace(unseen, '')
    .replace(/\s+/gu, ' ')
    .replace(pile, '$1')
    .normalize('NFC')
    .trim();
  if (line.length <= lengthMax) return line;
  let cut = '';
  for (const sign of line) {
    if (cut.length + sign.length > lengthMax - 1) break;
    cut += sign;
  }
  return `${cut.trimEnd()}…`;
};

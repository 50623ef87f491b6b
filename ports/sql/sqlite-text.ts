// SQLite's drivers end a text at its first NUL, and what people send may hold one. So NUL is kept as two characters,
// begun by one that hardly ever occurs and is then doubled.

const mark = '\u001b';
const nul = '\u0000';

export const hasEscapes = (text: string): boolean => text.includes(mark);

export const escapeNul = (text: string): string =>
  text.includes(nul) || hasEscapes(text)
    ? text.replaceAll(mark, mark + mark).replaceAll(nul, `${mark}0`)
    : text;

export const unescapeNul = (text: string): string => {
  let plain = '';
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] !== mark) plain += text[i];
    else plain += text[++i] === '0' ? nul : mark;
  }
  return plain;
};

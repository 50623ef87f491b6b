// What commands share that print much: text that cannot harm a terminal, colours where somebody looks, a pipe that may
// close or be slow.
import { once } from 'node:events';

/** Controls, and marks that turn the direction of what follows: they could hide or rewrite what is on the screen. */
const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Joins emoji of several parts; harmless. */
const joiner = '\u200d';

const nameOf = (character: string): string => {
  if (character === joiner) return character;
  if (character === '\n') return '⏎';
  if (character === '\t') return ' ';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
};

export const harmless = (text: string): string => text.replace(harmful, nameOf);

/** The beginning of a text on one line. */
export const clipped = (text: string, length: number): string => {
  const start = [...text.slice(0, length * 2 + 2)];
  return harmless(start.length > length ? `${start.slice(0, length - 1).join('')}…` : start.join(''));
};

export type Paint = (
  style: 'dim' | 'bold' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan',
  text: string,
) => string;

const codes = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;

export const painter = (coloured: boolean): Paint =>
  coloured ? (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m` : (_, text) => text;

/** A reader that goes away (`| head`) ends the process. */
export const dieWithPipe = (out: NodeJS.WriteStream): void => {
  out.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
};

/** Writes lines no faster than they are taken. */
export const lineWriter = (out: NodeJS.WriteStream): ((line: string) => Promise<void>) => {
  dieWithPipe(out);
  return async (line) => {
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  };
};

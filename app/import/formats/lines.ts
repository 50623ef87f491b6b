// Lines of a file, in bounded memory, strictly UTF-8: what is too long or wrongly encoded is told with its line.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BadSource } from './source.ts';

const lineBytesMax = 8_000_000;

export type Line = { text: string; number: number };

export const fileStream = (file: string): Readable => {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const input = createGunzip();
  bytes.on('error', (error) => input.destroy(error));
  return bytes.pipe(input);
};

export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const line = (): Line => {
    const bytes = Buffer.concat(parts);
    parts = [];
    length = 0;
    number += 1;
    try {
      return { text: decoder.decode(bytes).replace(/\r$/, ''), number };
    } catch {
      throw new BadSource(`line ${number} is not UTF-8 text. Save the file as UTF-8`);
    }
  };
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      parts.push(bytes.subarray(from, end));
      yield line();
      from = end + 1;
    }
    const rest = bytes.subarray(from);
    length += rest.length;
    if (length > lineBytesMax) throw new BadSource(`line ${number + 1} is longer than ${lineBytesMax} bytes`);
    if (rest.length > 0) parts.push(Buffer.from(rest));
  }
  if (parts.length > 0) yield line();
}

/** The object that a line holds. */
export const objectIn = ({ text, number }: Line): Record<string, unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadSource(`line ${number} is not JSON`);
  }
  if (!isObject(value)) throw new BadSource(`line ${number} is not a JSON object`);
  return value;
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const objectsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

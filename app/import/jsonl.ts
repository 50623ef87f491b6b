// A history as JSON lines, plain or gzipped: `{id, at, from, text, replyTo?}` each. Read as a stream, twice: once to know
// who wrote and that every line is good, once to import.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { limits } from '../../schemas/limits.ts';
import { isUsername } from '../../schemas/values.ts';

const Line = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200 }),
  at: Type.String({ maxLength: 40 }),
  from: Type.String({ minLength: 1, maxLength: limits.usernameLengthMax }),
  text: Type.String({ minLength: 1, maxLength: limits.contentLengthMax }),
  replyTo: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
const line = Compile(Line);

/** One message of a foreign history. `at` is RFC 3339 UTC with milliseconds. */
export type SourceMessage = Static<typeof Line>;

export class BadLine extends Error {}

/** Throws BadLine, naming the line, at the first one that cannot be imported. */
export async function* readJsonl(file: string): AsyncGenerator<SourceMessage> {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text.trim() !== '') yield parse(text, number);
  }
}

const parse = (text: string, number: number): SourceMessage => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadLine(`line ${number} is not JSON`);
  }
  if (!line.Check(value)) {
    const [first] = line.Errors(value);
    throw new BadLine(`line ${number}${first?.instancePath ?? ''} ${first?.message ?? 'is not a message'}`);
  }
  const from = value.from.normalize('NFC');
  if (!isUsername(from)) throw new BadLine(`line ${number}: "${from}" cannot be a user name here`);
  const at = Date.parse(value.at);
  if (Number.isNaN(at)) throw new BadLine(`line ${number}: "${value.at}" is no time`);
  return { ...value, from, at: new Date(at).toISOString() };
};

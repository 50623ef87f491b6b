// Frames that were right, and one thing done to each. `isSurelyBad`: whatever the schemas say, it must not be taken.
import fc, { type Arbitrary } from 'fast-check';
import { anyValueOf } from '../../schemas/arbitrary.ts';
import { type ClientFrameType, clientFrames } from '../../schemas/frames.ts';
import { limits } from '../../schemas/limits.ts';

export type Mutant = { text: string; what: string; isSurelyBad: boolean };
/** Ids that exist, so that what is wrong is the only thing that is wrong. */
export type Real = { conversationId: string; messageId: string; userId: string };
type Fields = Record<string, unknown>;

/** A message whose `replyTo` or media do not exist is refused for that, and proves nothing else. */
const known = (real: Real): Fields => ({ ...real, userIds: [real.userId], replyTo: null, attachments: [] });

const rightFrame = (type: ClientFrameType, real: Real): Arbitrary<Fields> =>
  anyValueOf(clientFrames[type]).map((value) => {
    const frame = value as Fields;
    const given = Object.entries(known(real)).filter(([name]) => name in frame);
    return { ...frame, ...Object.fromEntries(given) };
  });

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

/** JSON as it is written, since most of these are lost on the way through an object. */
const hostileValues: [what: string, json: string][] = [
  ['null', 'null'],
  ['true', 'true'],
  ['zero', '0'],
  ['minus zero', '-0'],
  ['a huge number', '1e999'],
  ['a number beyond 2^53', '90071992547409931'],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['a list of itself', '[[[["x"]]]]'],
  ['a deep nest', nested(20_000)],
  ['a nest below the bound', nested(31)],
  ['a prototype', '{"__proto__":{"isAdmin":true}}'],
  ['an operator', '{"$ne":null}'],
  ['a length', '{"length":1e9}'],
  ['empty text', '""'],
  ['NUL', '"\\u0000"'],
  ['half a character', `"${escaped(0xd800)}"`],
  ['the other half', `"a${escaped(0xdc00)}"`],
  ['halves in the wrong order', `"${escaped(0xdc00)}${escaped(0xd800)}"`],
  ['control characters', '"\\u0001\\u001b[2J\\u007f\\u0085"'],
  ['text from right to left', '"\\u202e\\u2066abc"'],
  ['a name of a prototype', '"__proto__"'],
  ['an id with a line feed', '"00000000-0000-4000-8000-000000000000\\n"'],
  ['an id in wide digits', '"００００００００-0000-4000-8000-000000000000"'],
  ['an id without dashes', '"00000000000040008000000000000000"'],
  ['SQL', '"\' OR 1=1; --"'],
  ['a path', '"../../../../etc/passwd"'],
  ['a script', '"<script>alert(1)</script>"'],
  ['more than fits', `"${'x'.repeat(limits.contentLengthMax + 1)}"`],
  ['more than fits once composed', `"${'\u0958'.repeat(limits.contentLengthMax)}"`],
  ['a tower of accents', `"Z${'\u0301'.repeat(5_000)}"`],
  ['a character that nobody has', '"\\uffff\\ufdd0"'],
  ['a byte order mark', '"\\ufeff"'],
];

const strangeNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\0',
  'senderId',
];
const morenames = [
  'id',
  'position',
  'rev',
  'createdAt',
  'isAdmin',
  'userId2',
  'token2',
  '$where',
  'x'.repeat(5_000),
];
const wrongTypes = ['', 'MESSAGE', 'message ', 'ack', 'error', 'cursor', 'notice', 'toString', '__proto__'];

const written = (fields: [name: string, json: string][]): string =>
  `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
const fieldsOf = (frame: Fields): [string, string][] =>
  Object.entries(frame).map(([name, value]) => [name, JSON.stringify(value)]);

/** One field gets a hostile value. Whether that is still a frame, its schema knows. */
const replaced = (frame: Fields): Arbitrary<Mutant> =>
  fc
    .tuple(fc.constantFrom(...Object.keys(frame)), fc.constantFrom(...hostileValues))
    .map(([name, [what, json]]) => ({
      text: written(fieldsOf(frame).map(([each, old]) => [each, each === name ? json : old])),
      what: `${name} is ${what}`,
      isSurelyBad: false,
    }));

const missing = (type: ClientFrameType, frame: Fields): Arbitrary<Mutant> =>
  fc.constantFrom(...(clientFrames[type].required as string[])).map((name) => ({
    text: written(fieldsOf(frame).filter(([each]) => each !== name)),
    what: `no ${name}`,
    isSurelyBad: true,
  }));

const extra = (frame: Fields): Arbitrary<Mutant> =>
  fc
    .tuple(fc.constantFrom(...strangeNames, ...morenames), fc.constantFrom(...hostileValues))
    .filter(([name]) => !(name in frame) || name === 'toString')
    .map(([name, [what, json]]) => ({
      text: written([...fieldsOf(frame), [name, json]]),
      what: `${name.slice(0, 20)} beside, ${what}`,
      isSurelyBad: true,
    }));

const mistyped = (frame: Fields): Arbitrary<Mutant> =>
  fc.constantFrom(...wrongTypes).map((type) => ({
    text: JSON.stringify({ ...frame, type }),
    what: `type ${type}`,
    isSurelyBad: true,
  }));

/** Something happens to the text itself. */
const scratched = (frame: Fields): Arbitrary<Mutant> => {
  const text = JSON.stringify(frame);
  const scratches: [string, (at: number, letter: string) => string][] = [
    ['cut off', (at) => text.slice(0, at)],
    ['without a character', (at) => text.slice(0, at) + text.slice(at + 1)],
    ['with another character', (at, letter) => text.slice(0, at) + letter + text.slice(at + 1)],
    ['twice', () => text + text],
    ['in a list', () => `[${text}]`],
    ['as text', () => JSON.stringify(text)],
    ['after a byte order mark', () => `\ufeff${text}`],
    ['with a comma at its end', () => `${text.slice(0, -1)},}`],
    ['with a comment', () => `${text}//`],
    ['in single quotes', () => text.replaceAll('"', "'")],
    ['after much white space', (at) => ' '.repeat(at * 10) + text],
    ['saying everything twice', () => `${text.slice(0, -1)},${text.slice(1)}`],
  ];
  return fc
    .tuple(
      fc.constantFrom(...scratches),
      fc.nat(text.length - 1),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    )
    .map(([[what, scratch], at, letter]) => ({ text: scratch(at, letter), what, isSurelyBad: false }));
};

/** No frame of ours and nothing like it. */
const rubbish: Arbitrary<Mutant> = fc
  .oneof(
    fc.string({ maxLength: 2_000, unit: 'binary' }),
    fc.json({ maxDepth: 8 }),
    fc.constantFrom(nested(30_000), '{"a":'.repeat(10_000), '"', '', '{}', '-', '1e999', 'null', 'NaN'),
  )
  .map((text) => ({ text, what: 'rubbish', isSurelyBad: true }));

export const anyMutant = (real: Real): Arbitrary<Mutant> => {
  // `connect` renews a token; what is wrong with tokens is a corpus of its own.
  const types = (Object.keys(clientFrames) as ClientFrameType[]).filter((type) => type !== 'connect');
  const mutated = fc.oneof(
    ...types.map((type) =>
      rightFrame(type, real).chain((frame) =>
        fc.oneof(
          { arbitrary: replaced(frame), weight: 4 },
          { arbitrary: missing(type, frame), weight: 1 },
          { arbitrary: extra(frame), weight: 2 },
          { arbitrary: mistyped(frame), weight: 1 },
          { arbitrary: scratched(frame), weight: 2 },
        ),
      ),
    ),
  );
  const all = fc.oneof({ arbitrary: mutated, weight: 9 }, { arbitrary: rubbish, weight: 1 });
  // Half a character that is not escaped does not get into the wire's UTF-8.
  const sent = all.map((mutant) => ({ ...mutant, text: Buffer.from(mutant.text).toString() }));
  return sent.filter(({ text }) => Buffer.byteLength(text) <= limits.frameBytesMax);
};

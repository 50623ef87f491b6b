// Questions made from what was really said, and how long their answers take through the product's own door.
import { tokensOf } from '../schemas/search-text.ts';
import { seeded } from '../test/client/random.ts';
import { call, type Person } from './lib/peer.ts';
import { type Row, timesOf } from './lib/stats.ts';
import type { Target } from './lib/target.ts';
import type { Said } from './search-floor.ts';

const perKind = 1_000 / 6;
const seed = 20_261_130;
const pageSize = '20';

type Words = { exact: string[]; of: Said };
type Kind = 'one word' | 'two words' | 'phrase' | 'prefix' | 'typo' | 'operators';
type Random = ReturnType<typeof seeded>;

const mistyped = (word: string, random: Random): string => {
  const at = 1 + random.below(word.length - 2);
  return word.slice(0, at) + word.slice(at + 1);
};

const make: Record<Kind, (words: Words, random: Random) => string> = {
  'one word': ({ exact }, random) => random.one(exact),
  'two words': ({ exact }, random) => `${random.one(exact)} ${random.one(exact)}`,
  phrase: ({ of }, random) => {
    const all = tokensOf(of.text).map(({ exact }) => exact);
    const at = random.below(all.length - 2);
    return `"${all.slice(at, at + 3).join(' ')}"`;
  },
  prefix: ({ exact }, random) => {
    const word = random.one(exact);
    return word.slice(0, Math.max(3, Math.ceil(word.length * 0.6)));
  },
  typo: ({ exact }, random) => mistyped(random.one(exact.filter((word) => word.length > 4)), random),
  operators: ({ exact, of }, random) =>
    random.one([
      `${random.one(exact)} from:"${of.from}"`,
      `${random.one(exact)} on:${of.at.slice(0, 7)}`,
      `${random.one(exact)} has:link`,
      `${random.one(exact)} is:reply before:${Number(of.at.slice(0, 4)) + 1}`,
      `${random.one(exact)} -${random.one(exact)}`,
    ]),
};

/** One at a time, as one person asks. */
export const latency = async (target: Target, reader: Person, texts: Said[]): Promise<Row[]> => {
  const random = seeded(seed);
  const rows: Row[] = [];
  const all: number[] = [];
  for (const kind of Object.keys(make) as Kind[]) {
    const times: number[] = [];
    let found = 0;
    for (let n = 0; n < perKind; n += 1) {
      const q = make[kind](wordsFrom(texts, random), random);
      const began = performance.now();
      const path = `/search?${new URLSearchParams({ q, limit: pageSize })}`;
      const { total } = await call<{ total: number }>(target.url, 'GET', path, reader.token);
      times.push(performance.now() - began);
      found += Number(total > 0);
    }
    all.push(...times);
    const note = `${Math.round((100 * found) / times.length)} % find something`;
    rows.push({ what: `${target.name}: search, ${kind}`, times: timesOf(times), note });
  }
  const what = `${target.name}: search, all ${all.length.toLocaleString('en-US')}`;
  return [...rows, { what, times: timesOf(all) }];
};

/** Of a message that has enough to be asked for. */
const wordsFrom = (texts: Said[], random: Random): Words => {
  for (;;) {
    const of = random.one(texts);
    const exact = tokensOf(of.text).map((token) => token.exact);
    if (exact.length > 3 && exact.some((word) => word.length > 4)) return { exact, of };
  }
};

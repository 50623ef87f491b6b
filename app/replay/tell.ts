// What a replay found, for people and for pipes.
import type { Difference } from '../../ports/copy.ts';
import { harmless, lineWriter, painter } from '../terminal.ts';

/** On a screen more are only counted; --json has them all. */
const shownMax = 50;

const words: Record<Difference['kind'], string> = {
  missing: 'is missing',
  extra: 'should not be there',
  different: 'differs',
};

export type Teller = {
  line(text: string): Promise<void>;
  differences(name: string, found: Difference[]): Promise<void>;
  /** What a pipe gets at the end of each projection. */
  sum(summary: object): Promise<void>;
};

export const teller = (json: boolean): Teller => {
  const write = lineWriter(process.stdout);
  const paint = painter(process.stdout.isTTY === true && !process.env.NO_COLOR);
  if (json)
    return {
      line: async () => undefined,
      sum: (summary) => write(JSON.stringify(summary)),
      differences: async (projection, found) => {
        for (const difference of found) await write(JSON.stringify({ projection, ...difference }));
      },
    };
  return {
    line: write,
    sum: async () => undefined,
    differences: async (_, found) => {
      for (const { table, key, kind, columns } of found.slice(0, shownMax)) {
        const where = harmless(`${table} ${key.join(' ')}`);
        const what = columns.length > 0 ? `${words[kind]}: ${columns.join(', ')}` : words[kind];
        await write(`  ${where} ${paint('red', what)}`);
      }
      if (found.length > shownMax)
        await write(`  and ${found.length - shownMax} more; --json names all of them.`);
    },
  };
};

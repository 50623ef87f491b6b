// What the tests of a replay share: the command as a process of its own, and readers that must never be disappointed.
import { sleep } from '../client/eventually.ts';
import { ProductProcess } from '../harness-process.ts';
import type { Load } from './load.ts';

const endsWithinMs = 120_000;

export const replayProcess = (env: Record<string, string>, ...args: string[]): ProductProcess =>
  new ProductProcess({ name: `replay ${args.join(' ')}`, args: ['replay', ...args], env });

/** Runs it to its end; answers what it said and how it ended. */
export const replay = async (
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number | null; said: string }> => {
  const process = replayProcess(env, ...args);
  await process.start();
  const { code } = await process.ended(endsWithinMs);
  return { code, said: process.log };
};

/** Each difference that `verify --json` names, as `kind table key`. */
export const namedIn = (said: string): string[] =>
  said
    .split('\n')
    .filter((line) => line.startsWith('{"projection"') && line.includes('"kind"'))
    .map((line) => JSON.parse(line) as { kind: string; table: string; key: (string | number)[] })
    .map(({ kind, table, key }) => `${kind} ${table} ${key.join(' ')}`)
    .sort();

/** People who read over HTTP without a pause until `stop`, which answers how often, and what failed. */
export const readers = (load: Load): { stop(): Promise<{ reads: number; failed: string[] }> } => {
  let reading = true;
  let reads = 0;
  const failed: string[] = [];
  const running = [...load.members].slice(0, 3).map(async ([id, [member]]) => {
    const api = member?.person.api;
    while (api && reading) {
      await Promise.all([api.history(id), api.conversations(), api.users({ q: 'load' })]).then(
        () => {
          reads += 3;
        },
        (error: unknown) => failed.push(String(error)),
      );
      await sleep(25);
    }
  });
  return {
    stop: async () => {
      reading = false;
      await Promise.all(running);
      return { reads, failed };
    },
  };
};

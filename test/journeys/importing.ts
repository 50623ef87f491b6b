// Commands such as `chatvui import` as their own process, killed on the way when a test wants to see that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export type Run = { code: number | null; output: string };

export const runImport = (env: Record<string, string>, args: string[], killAfter?: RegExp): Promise<Run> =>
  runCommand(env, ['import', ...args], killAfter);

export const runCommand = async (
  env: Record<string, string>,
  args: string[],
  killAfter?: RegExp,
): Promise<Run> => {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const read = (chunk: Buffer) => {
    output += chunk;
    if (killAfter?.test(output)) child.kill('SIGKILL');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  // Not its exit: what it said last may still be in the pipe.
  const [code] = await once(child, 'close');
  return { code, output };
};

/** The environment for an embedded data folder. Empty is unset: the test run may have brought up the real servers. */
export const embeddedEnv = (dataDir: string): Record<string, string> => ({
  DATA_DIR: dataDir,
  KAFKA_BROKERS: '',
  MYSQL_URL: '',
  REDIS_URL: '',
  ELASTICSEARCH_URL: '',
});

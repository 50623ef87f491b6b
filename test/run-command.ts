// Runs one command of the test run: bounded in time, killed with everything it started, its output kept.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';

export type Outcome = { passed: number; failed: number; skipped: number; seconds: number };

export type CommandOptions = {
  env: Record<string, string>;
  limitMs: number;
  /** Where the whole output goes. */
  log: string;
  /** Also to the terminal as it comes; else only the end of it, when the command failed. */
  isShown: boolean;
};

const tailLines = 60;
/** Escape sequences in a file or a pipe help nobody. */
const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
const running = new Set<() => void>();

/** An end of the run from outside must not leave browsers and servers behind. */
export const killRunning = (): void => {
  for (const kill of running) kill();
};

export const runCommand = (
  command: string,
  args: string[],
  { env, limitMs, log, isShown }: CommandOptions,
): Promise<{ ok: boolean; seconds: number }> => {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log);
  const started = performance.now();
  const PATH = `${resolve('node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`;
  // A group of its own, so that the limit ends its children as well.
  const child = spawn(command, args, {
    env: { ...process.env, ...colours, PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => killGroup(child.pid);
  running.add(kill);
  const limit = setTimeout(() => {
    console.log(`${command}: not done after ${limitMs / 60_000} minutes, ended.`);
    kill();
  }, limitMs);
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      file.write(chunk);
      if (isShown) process.stdout.write(chunk);
    });
  return new Promise((done) => {
    const end = (ok: boolean) => {
      clearTimeout(limit);
      running.delete(kill);
      // What it left running would disturb the steps after it.
      kill();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      file.end(() => {
        if (!ok && !isShown) console.log(readFileSync(log, 'utf8').split('\n').slice(-tailLines).join('\n'));
        done({ ok, seconds });
      });
    };
    child.on('error', (error) => {
      file.write(`${command}: ${error.message}\n`);
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
};

const killGroup = (pid: number | undefined) => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
};

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
};

/** Counts what Vitest itself says. A file that could not be loaded, or a run that died, is a failure of its own. */
export const countOfReport = (path: string, ok: boolean): Omit<Outcome, 'seconds'> => {
  if (!existsSync(path)) return { passed: 0, failed: ok ? 0 : 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + broken;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: failed === 0 && !ok ? 1 : failed, skipped };
};

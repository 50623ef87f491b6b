// Runs installers to their end, showing that they live.
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Account } from './account.ts';
import { StackError } from './errors.ts';
import { tailOf } from './processes.ts';

const progressEveryMs = 10_000;

export type Tool = {
  /** For the reader: "kafka: downloading". */
  what: string;
  command: string;
  args: string[];
  log: string;
  advice: string;
  env?: Record<string, string>;
  cwd?: string;
  account?: Account | undefined;
};

/** To standard error: the output of a command stays clean. */
export const say = (text: string): void => {
  process.stderr.write(`stack: ${text}\n`);
};

export const runTool = async (tool: Tool): Promise<void> => {
  const began = performance.now();
  const out = openSync(tool.log, 'a');
  const progress = setInterval(
    () => say(`${tool.what}: still at it (${Math.round((performance.now() - began) / 1000)} s)`),
    progressEveryMs,
  );
  try {
    const reason = await ended(tool, out);
    if (reason) throw new StackError(`${tool.what} failed (${reason}). ${tool.advice}\n${tailOf(tool.log)}`);
  } finally {
    clearInterval(progress);
    closeSync(out);
  }
};

const ended = ({ command, args, env, cwd, account }: Tool, out: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env },
      ...(cwd ? { cwd } : {}),
      ...account,
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });

/** A command's path; the folders of administrators are looked at too. */
export const which = (command: string): string | undefined => {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/go/bin'];
  return dirs.map((dir) => join(dir, command)).find(isExecutable);
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

// Processes that outlive us: started in a session of their own, known by a pid file, ended politely and then not.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One process of a service. `id` names its pid file and log. */
export type Unit = {
  id: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
};

const stopWithinMs = 10_000;
const pollMs = 50;

const pidFile = (dir: string, id: string): string => join(dir, `${id}.pid`);
export const logFile = (dir: string, id: string): string => join(dir, 'logs', `${id}.log`);

/** The process's id when it runs and is the one that we started; a zombie has ended. */
export const runningPid = (dir: string, id: string): number | null => {
  try {
    const [pid, startedAt] = readFileSync(pidFile(dir, id), 'utf8').split(' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The kernel's start time tells ours from a later process with the same number.
    return fields[0] !== 'Z' && fields[19] === startedAt ? Number(pid) : null;
  } catch {
    return null;
  }
};

export const start = (dir: string, unit: Unit): void => {
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const log = openSync(logFile(dir, unit.id), 'a');
  const child = spawn(unit.command, unit.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...unit.env },
    ...(unit.cwd ? { cwd: unit.cwd } : {}),
  });
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`${unit.command} cannot be started`);
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  writeFileSync(pidFile(dir, unit.id), `${child.pid} ${startedAt}`);
  child.unref();
};

export const signal = (dir: string, id: string, name: NodeJS.Signals): void => {
  const pid = runningPid(dir, id);
  if (pid !== null) process.kill(pid, name);
};

/** SIGTERM, ten seconds, SIGKILL. Resolves when it has gone. */
export const stop = async (dir: string, id: string): Promise<void> => {
  signal(dir, id, 'SIGTERM');
  const deadline = performance.now() + stopWithinMs;
  while (runningPid(dir, id) !== null) {
    if (performance.now() > deadline) signal(dir, id, 'SIGKILL');
    await pause(pollMs);
  }
  rmSync(pidFile(dir, id), { force: true });
};

export const tailOfLog = (dir: string, id: string, lines = 20): string =>
  existsSync(logFile(dir, id))
    ? readFileSync(logFile(dir, id), 'utf8').split('\n').slice(-lines).join('\n')
    : '';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

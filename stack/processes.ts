// Processes that outlive us: started in a session of their own, known by a pid file, ended politely and then not.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverAccount } from './account.ts';
import { StackError } from './errors.ts';

/** One process of a service. `id` names its pid file and log. */
export type Unit = {
  id: string;
  command: string;
  args: string[];
  /** The name it is called by, where its file has another. */
  argv0?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** It is ours and lies in our repository, which may be closed to the servers' account. */
  asCaller?: true;
  /** The command ends when the server runs, which has written its process id here. */
  daemonPidFile?: string;
};

const stopWithinMs = 10_000;
const pollMs = 20;

const pidFile = (dir: string, id: string): string => join(dir, `${id}.pid`);
export const logFile = (dir: string, id: string): string => join(dir, 'logs', `${id}.log`);

/** The process's id when it runs and is the one that we started. */
export const runningPid = (dir: string, id: string): number | null => {
  try {
    const [pid, startedAt] = readFileSync(pidFile(dir, id), 'utf8').split(' ');
    const { hasEnded, started } = statOf(Number(pid));
    // The kernel's start time tells ours from a later process with the same number.
    return !hasEnded && started === startedAt ? Number(pid) : null;
  } catch {
    return null;
  }
};

/** What the kernel says of a process; throws when there is none of that number. */
export const statOf = (pid: number): { hasEnded: boolean; started: string } => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything; what follows begins with the state, the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, started] = [fields[0], Number(fields[17]), fields[19] ?? ''];
  // A zombie that nobody has waited for has ended, unless its other threads still hold its ports.
  return { hasEnded: (state === 'Z' || state === 'X') && threads <= 1, started };
};

export const start = async (dir: string, unit: Unit): Promise<void> => {
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const log = openSync(logFile(dir, unit.id), 'a');
  const account = unit.asCaller ? undefined : await serverAccount();
  const child = spawn(unit.command, unit.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...unit.env },
    ...(unit.cwd ? { cwd: unit.cwd } : {}),
    ...(unit.argv0 ? { argv0: unit.argv0 } : {}),
    ...account,
  });
  const failed = new Promise<never>((_, reject) =>
    child.once('error', (error) => reject(new StackError(`${unit.id} cannot be started: ${error.message}`))),
  );
  const pid = await Promise.race([failed, unit.daemonPidFile ? daemon(child, unit) : spawned(child)]);
  writeFileSync(pidFile(dir, unit.id), `${pid} ${statOf(pid).started}`);
  child.unref();
};

const spawned = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.once('spawn', () => resolve(child.pid as number)));

const daemon = (child: ChildProcess, unit: Unit): Promise<number> =>
  new Promise((resolve, reject) =>
    child.once('exit', (code) => {
      if (code === 0) resolve(Number(readFileSync(unit.daemonPidFile ?? '', 'utf8')));
      else reject(new StackError(`${unit.id} has ended while starting (exit code ${code}).`));
    }),
  );

export const signal = (dir: string, id: string, name: NodeJS.Signals): void => {
  const pid = runningPid(dir, id);
  if (pid === null) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended between our look and our signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

export const gone = async (dir: string, id: string, withinMs = stopWithinMs): Promise<boolean> => {
  const deadline = performance.now() + withinMs;
  while (runningPid(dir, id) !== null) {
    if (performance.now() > deadline) return false;
    await pause(pollMs);
  }
  return true;
};

/** SIGTERM, ten seconds, SIGKILL. Resolves when it has gone. */
export const stop = async (dir: string, id: string): Promise<void> => {
  signal(dir, id, 'SIGTERM');
  if (!(await gone(dir, id))) await kill(dir, id);
  rmSync(pidFile(dir, id), { force: true });
};

export const kill = async (dir: string, id: string): Promise<void> => {
  signal(dir, id, 'SIGKILL');
  if (!(await gone(dir, id))) throw new StackError(`${id} (pid ${runningPid(dir, id)}) does not end.`);
};

export const tailOfLog = (dir: string, id: string): string =>
  [logFile(dir, id), join(dir, id, 'logs', 'es.log')].filter(existsSync).map(tailOf).join('\n');

/** The end of a log, indented, with its path. */
export const tailOf = (file: string, lines = 20): string => {
  const end = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  return [`  the end of ${file}:`, ...end.map((line) => `  | ${line}`)].join('\n');
};

/** Written by us, read by the server's account, whatever the umask. */
export const writeConfig = (file: string, text: string): void => {
  writeFileSync(file, text);
  chmodSync(file, 0o644);
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

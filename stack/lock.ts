// One process at a time. The kernel's lock, held by a child that ends with its standard input: whatever way we end, the
// lock is free again.
import { spawn } from 'node:child_process';
import { StackError } from './errors.ts';
import { which } from './tool.ts';

/** Waits for its turn. `onWait` is called once when somebody else has it. */
export const withLock = async <T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> => {
  const flock = which('flock');
  if (!flock) throw new StackError('The command flock is missing: install the package util-linux.');
  const holder = spawn(flock, [file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C goes to the whole group; the lock stays until we are done.
    detached: true,
  });
  const waiting = onWait && setTimeout(onWait, 500);
  try {
    await new Promise<void>((done, fail) => {
      holder.stdout.once('data', () => done());
      holder.once('error', fail);
      holder.once('exit', () => fail(new StackError(`Cannot lock ${file}: is its folder writable?`)));
    });
    clearTimeout(waiting);
    return await work();
  } finally {
    clearTimeout(waiting);
    holder.stdin.end();
  }
};

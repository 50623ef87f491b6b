// The asking side: one file after the other, in a process that is made when it is needed and goes when it is not.
import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { OutsideError } from '../errors.ts';
import type { InspectAnswer, InspectAsk } from './inspect-worker.ts';
import type { Inspected, Inspection } from './port.ts';

export type InspectionOptions = {
  timeoutMs?: number;
  /** How long more is read of what is good enough already. */
  moreMs?: number;
  memoryBytesMax?: number;
  waitingMax?: number;
  idleMs?: number;
};

const heapMib = 128;

/** From source it needs the TypeScript loader; built, it lies beside the main file. */
const start = (): ChildProcess => {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = new URL(fromSource ? './inspect-worker.ts' : './inspect-worker.js', import.meta.url);
  const loader = fromSource
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : [];
  return fork(file, {
    execArgv: [...loader, `--max-old-space-size=${heapMib}`],
    // Nothing of ours that is secret: the addresses of servers with their passwords are in the environment.
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
};

const tooDear: Inspected = {
  kind: 'refused',
  code: 'unsupported_media',
  detail: 'Looking at this file takes too long or too much memory. Send it smaller, or packed.',
};

export const openInspection = (options: InspectionOptions = {}): Inspection => {
  const {
    timeoutMs = 30_000,
    moreMs = 2_000,
    memoryBytesMax = 700 * 1024 * 1024,
    waitingMax = 200,
    idleMs = 60_000,
  } = options;
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const end = (): void => {
    child?.removeAllListeners();
    child?.kill('SIGKILL');
    child = null;
  };

  const ask = (question: InspectAsk): Promise<Inspected> =>
    new Promise((resolve) => {
      clearTimeout(idle);
      const asked = child ?? start();
      child = asked;
      const done = (answer: Inspected, isWell: boolean): void => {
        clearTimeout(timer);
        asked.removeAllListeners();
        if (isWell) {
          idle = setTimeout(end, idleMs);
          idle.unref();
        } else end();
        resolve(answer);
      };
      let soFar: Inspected = tooDear;
      const enough = (): void => done(soFar, false);
      // From source the loader takes its time as well.
      let timer = setTimeout(enough, timeoutMs);
      asked.on('message', (answer) => {
        const { inspected, isFinal } = answer as InspectAnswer;
        if (isFinal) return done(inspected, true);
        soFar = inspected;
        clearTimeout(timer);
        timer = setTimeout(enough, moreMs);
      });
      asked.on('exit', enough);
      asked.on('error', enough);
      asked.send(question);
    });

  return {
    inspect: async (path, name, into) => {
      if (waiting >= waitingMax || closed)
        throw new OutsideError('inspection_busy', 'later', 'Too many files wait to be looked at.');
      waiting += 1;
      const answer = last.then(() => ask({ path, name, into, memoryBytesMax }));
      last = answer.catch(() => undefined);
      try {
        return await answer;
      } finally {
        waiting -= 1;
      }
    },
    close: async () => {
      closed = true;
      clearTimeout(idle);
      await last;
      end();
    },
  };
};

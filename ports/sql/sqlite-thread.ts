// The asking side of a SQLite thread: questions with an id, answers in order, one clear failure when it dies.
import type { Worker } from 'node:worker_threads';
import { OutsideError } from '../errors.ts';
import { startThread } from '../thread.ts';
import type {
  SqliteAnswer,
  SqliteAsk,
  SqliteFault,
  SqliteOpened,
  SqliteOpening,
  SqliteResult,
} from './sqlite-protocol.ts';

type Waiting = { resolve(result: SqliteResult): void; reject(error: Error): void };

const errorOf = ({ code, retry, message }: SqliteFault): OutsideError =>
  new OutsideError(code, retry, message);

export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #dead: OutsideError | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static open(opening: SqliteOpening): Promise<SqliteThread> {
    const worker = startThread(import.meta.url, 'sqlite-worker', opening);
    const thread = new SqliteThread(worker);
    return new Promise((resolve, reject) => {
      const ended = (why: string): void => {
        const message = `The thread of ${opening.file} has ended: ${why}`;
        const error = new OutsideError('sql_unavailable', 'never', message);
        reject(error);
        thread.#die(error);
      };
      worker.on('error', (error) => ended(error.message));
      worker.on('exit', (code) => ended(`exit code ${code}`));
      worker.on('message', (message: SqliteAnswer | SqliteOpened) => {
        if (!('opened' in message)) thread.#answered(message);
        else if (message.opened) resolve(thread);
        else reject(errorOf(message.fault));
      });
    });
  }

  ask(ask: SqliteAsk): Promise<SqliteResult> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...ask });
    });
  }

  async close(): Promise<void> {
    if (this.#dead !== undefined) return;
    await this.ask({ close: true }).catch(() => {});
    this.#die(new OutsideError('sql_closed', 'never', 'The database is closed.'));
    await this.#worker.terminate();
  }

  #die(error: OutsideError): void {
    if (this.#dead !== undefined) return;
    this.#dead = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #answered(message: SqliteAnswer): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    if ('fault' in message) waiting.reject(errorOf(message.fault));
    else waiting.resolve(message.result);
  }
}

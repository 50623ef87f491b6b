// The main side of a worker thread: questions with an id, answers in order, one clear failure when it dies.
import type { Worker } from 'node:worker_threads';
import { OutsideError } from '../errors.ts';
import { startThread } from '../thread.ts';
import type { Answer, Fault, Opened, RequestKind, Requests, WorkerData } from './embedded-protocol.ts';

type Waiting = { resolve(answer: unknown): void; reject(error: Error): void };

const faultError = ({ code, retry, message }: Fault): OutsideError => new OutsideError(code, retry, message);

export class EmbeddedThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #dead: OutsideError | undefined;
  /** `performance.now()` of the last answer. */
  heardMs = performance.now();

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static open(data: WorkerData, onDeath: (error: OutsideError) => void): Promise<EmbeddedThread> {
    const worker = startThread(import.meta.url, 'embedded-worker', data);
    const thread = new EmbeddedThread(worker);
    return new Promise((resolve, reject) => {
      const ended = (why: string, cause?: unknown): void => {
        const error = new OutsideError(
          'log_unavailable',
          'never',
          `The log's thread has ended: ${why}`,
          cause,
        );
        reject(error);
        if (thread.#die(error)) onDeath(error);
      };
      worker.on('error', (error) => ended(error.message, error));
      worker.on('exit', (code) => ended(`exit code ${code}`));
      worker.on('message', (message: Answer | Opened) => {
        if (!('opened' in message)) thread.#answered(message);
        else if (message.opened) resolve(thread);
        else reject(faultError(message.fault));
      });
    });
  }

  /** `first` is called in the turn of the answer, before anything that awaits it. */
  ask<K extends RequestKind>(
    kind: K,
    ask: Requests[K]['ask'],
    options: { transfer?: ArrayBuffer[]; first?(answer: Requests[K]['answer']): void } = {},
  ): Promise<Requests[K]['answer']> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const take = (answer: unknown): void => {
        const typed = answer as Requests[K]['answer'];
        options.first?.(typed);
        resolve(typed);
      };
      this.#waiting.set(id, { resolve: take, reject });
      this.#worker.postMessage({ id, kind, ask }, options.transfer ?? []);
    });
  }

  async close(): Promise<void> {
    if (this.#dead !== undefined) return;
    await this.ask('close', {}).catch(() => {});
    this.#die(new OutsideError('log_closed', 'never', 'The log is closed.'));
    await this.#worker.terminate();
  }

  #die(error: OutsideError): boolean {
    if (this.#dead !== undefined) return false;
    this.#dead = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    return true;
  }

  #answered(message: Answer): void {
    this.heardMs = performance.now();
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    if ('fault' in message) {
      waiting.reject(faultError(message.fault));
    } else {
      waiting.resolve(message.answer);
    }
  }
}

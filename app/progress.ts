// How far a long command has come, on standard error: a bar for people, a line now and then for a file.
import { SingleBar } from 'cli-progress';

export class Progress {
  readonly #bar = new SingleBar({
    format: '{step} [{bar}] {percentage}% | {value}/{total} | {rate}/s | {eta_formatted}',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 2_000,
    etaBuffer: 100,
  });
  #step = '';
  #began = performance.now();
  /** What was done before: a resumed step has its own rate. */
  #from = 0;

  show(step: string, done: number, total: number): void {
    if (this.#step !== step) {
      if (this.#step) this.#bar.stop();
      this.#bar.start(Math.max(total, 1), done, { step: step.padEnd(8), rate: 0 });
      this.#step = step;
      this.#began = performance.now();
      this.#from = done;
    }
    this.#bar.setTotal(Math.max(total, 1));
    const ms = Math.max(1, performance.now() - this.#began);
    this.#bar.update(done, { rate: Math.round(((done - this.#from) * 1000) / ms) });
  }

  stop(): void {
    if (this.#step) this.#bar.stop();
    this.#step = '';
  }
}

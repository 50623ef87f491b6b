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

  show(step: string, done: number, total: number): void {
    if (this.#step !== step) {
      if (this.#step) this.#bar.stop();
      this.#bar.start(Math.max(total, 1), 0, { step: step.padEnd(8), rate: 0 });
      this.#step = step;
      this.#began = performance.now();
    }
    this.#bar.setTotal(Math.max(total, 1));
    const ms = Math.max(1, performance.now() - this.#began);
    this.#bar.update(done, { rate: Math.round((done * 1000) / ms) });
  }

  stop(): void {
    if (this.#step) this.#bar.stop();
    this.#step = '';
  }
}

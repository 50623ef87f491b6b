// Short messages about what went wrong or was done, and the one way to run something that may go wrong.
import { ApiProblem } from './api.ts';
import { problemText } from './i18n.ts';
import type { Settings } from './settings.svelte.ts';

const shownMs = 7_000;

export type ToastOptions = {
  /** It is no problem. */
  isNews?: boolean;
  /** What may be done about it; doing it ends the toast. */
  action?: { label: string; onclick: () => void };
  shownMs?: number;
};
export type Toast = { id: number; text: string } & ToastOptions;

export class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  readonly #settings: Settings;
  #nextId = 1;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  say(text: string, options: ToastOptions = {}): void {
    // One that offers something stands for its own case; others need not be said twice.
    if (!options.action && this.items.some((item) => item.text === text)) return;
    const id = this.#nextId++;
    this.items = [...this.items.slice(-2), { id, text, ...options }];
    setTimeout(() => this.dismiss(id), options.shownMs ?? shownMs);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  /** Runs it; a problem becomes words on the screen, anything else is our own fault and is thrown on. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.say(problemText(this.#settings.text, problem));
      return undefined;
    }
  }
}

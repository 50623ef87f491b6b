// Short messages about what went wrong, and the one way to run something that may.
import { ApiProblem } from './api.ts';
import { problemText } from './i18n.ts';
import type { Settings } from './settings.svelte.ts';

const shownMs = 7_000;

export class Toasts {
  items = $state.raw<readonly { id: number; text: string }[]>([]);
  readonly #settings: Settings;
  #nextId = 1;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  say(text: string): void {
    if (this.items.some((item) => item.text === text)) return;
    const id = this.#nextId++;
    this.items = [...this.items.slice(-2), { id, text }];
    setTimeout(() => this.dismiss(id), shownMs);
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

// Short messages about what went wrong or was done, and the one way to run something that may go wrong.
import { ApiProblem } from './api.ts';
import { problemText } from './i18n.ts';
import type { Settings } from './settings.svelte.ts';

const shownMs = 7_000;
/** Long enough to reach the button by keyboard. */
const offeredMs = 12_000;

export type ToastAction = { label: string; onclick: () => void };
export type ToastOptions = {
  /** It is no problem. */
  isNews?: boolean;
  /** What may be done about it; doing it ends the toast. */
  actions?: readonly ToastAction[];
  /** Null: until it is answered or put away. */
  shownMs?: number | null;
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
    if (!options.actions && this.items.some((item) => item.text === text)) return;
    const id = this.#nextId++;
    const { shownMs: ms = options.actions ? offeredMs : shownMs } = options;
    const isQuestion = (item: Toast) => item.shownMs === null;
    // What waits for an answer is pushed out by nothing but a newer version of itself.
    const questions = this.items.filter((item) => isQuestion(item) && item.text !== text);
    const others = this.items.filter((item) => !isQuestion(item)).slice(-2);
    this.items = [...questions, ...others, { id, text, ...options }];
    if (ms !== null) setTimeout(() => this.dismiss(id), ms);
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

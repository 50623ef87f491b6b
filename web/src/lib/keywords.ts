// The person's own words: a message with one of them is told like a mention, also in a page that is open somewhere behind
// others. They are asked for when the first message comes that could have one, so that nobody waits for them.
import { hasKeyword, wordsOf } from '../../../schemas/keywords.ts';
import type { Api } from './api.ts';

/** Another device may have changed them. */
const goodForMs = 5 * 60_000;

export class Keywords {
  readonly #api: Pick<Api, 'notificationPreferences'>;
  readonly #now: () => number;
  #kept: Promise<readonly string[]> | null = null;
  #askedAt = 0;

  constructor(api: Pick<Api, 'notificationPreferences'>, now: () => number = Date.now) {
    this.#api = api;
    this.#now = now;
  }

  /** False, too, when they cannot be asked for. */
  async occurIn(text: string): Promise<boolean> {
    if (this.#kept === null || this.#now() - this.#askedAt > goodForMs) this.#ask();
    return hasKeyword(wordsOf(text), (await this.#kept) ?? []);
  }

  /** They were changed here. */
  changed(keywords: readonly string[]): void {
    this.#kept = Promise.resolve(keywords);
    this.#askedAt = this.#now();
  }

  #ask(): void {
    this.#askedAt = this.#now();
    const asked = this.#api.notificationPreferences().then(
      ({ keywords }) => keywords,
      () => {
        if (this.#kept === asked) this.#kept = null;
        return [];
      },
    );
    this.#kept = asked;
  }
}

const known = new WeakMap<object, Keywords>();
/** Of whose chat it is. */
export const keywordsOf = (chat: { readonly api: Pick<Api, 'notificationPreferences'> }): Keywords => {
  const keywords = known.get(chat) ?? new Keywords(chat.api);
  known.set(chat, keywords);
  return keywords;
};

// Settings that go with the person: kept in the account under one key, beside what other clients keep there.
import type { Api } from './api.ts';
import type { User } from './protocol.ts';

const key = 'web';
/** Somebody who tries the themes does not save each of them. */
const saveAfterMs = 600;

export type FollowingOptions = {
  api: Pick<Api, 'changeProfile'>;
  me: () => User;
  followed: () => object;
  adopt: (value: unknown) => void;
  onSaved: (user: User) => void;
};

export class Following {
  readonly #options: FollowingOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isChanged = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  /** As the account has it now. What was chosen here a moment ago is newer. */
  heard(user: User): void {
    const kept = user.preferences?.[key];
    if (kept !== undefined && !this.#isChanged) this.#options.adopt(kept);
  }

  chosen(): void {
    this.#isChanged = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), saveAfterMs);
  }

  /** What cannot be saved holds in this browser, and is saved with the next choice. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isChanged) return;
    const { api, me, followed, onSaved } = this.#options;
    const { id, preferences } = me();
    const value = followed();
    this.#isChanged = false;
    try {
      onSaved(await api.changeProfile(id, { preferences: { ...preferences, [key]: value } }));
    } catch {
      this.#isChanged = true;
    }
  }
}

// What people chose about how others see them, in the memory of every gateway: asked for at every frame and every view,
// so it is never read for one. All of it is read at the start; a signal tells of each change, a sweep finds lost ones.
import type { PeopleChoices } from '../ports/accounts/port.ts';
import { type Choices, type ChoicesPatch, noChoices, type Privacy } from '../schemas/choices.ts';

export type PeopleChoicesOptions = {
  store: PeopleChoices;
  onTrouble?: (error: unknown, what: string) => void;
  now?: () => number;
};

const sweepEveryMs = 15_000;
/** Clocks of gateways differ, and a transaction takes a moment. */
const overlapMs = 5 * 60_000;

const hidesSomething = ({ hideReads, hideTyping, invisible }: Privacy): boolean =>
  hideReads || hideTyping || invisible;

/** May this reader see how far that person has read? */
export type SeesReads = (readerId: string, userId: string) => boolean;

export class ChoicesKept {
  readonly #options: PeopleChoicesOptions;
  /** After a change has come here, from wherever. Set once: whoever acts on it needs the choices first. */
  onChanged: ((userId: string, before: Choices, now: Choices) => Promise<void>) | undefined;
  readonly #kept = new Map<string, { choices: Choices; rev: number }>();
  readonly #now: () => number;
  #sweptAt: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PeopleChoicesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Resolves when everybody's choices are here; from then on it looks for lost changes. */
  async start(): Promise<void> {
    await this.sweep();
    this.#timer ??= setInterval(() => {
      this.sweep().catch((error) => this.#options.onTrouble?.(error, 'Choices could not be asked for'));
    }, sweepEveryMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  of(userId: string): Choices {
    return this.#kept.get(userId)?.choices ?? noChoices;
  }

  /** The status in words, while it holds. */
  statusOf(userId: string): { statusText?: string; statusUntil?: string } {
    const { statusText, statusUntil } = this.of(userId);
    if (statusText === null || (statusUntil !== null && Date.parse(statusUntil) <= this.#now())) return {};
    return statusUntil === null ? { statusText } : { statusText, statusUntil };
  }

  /** Who hides it does not see it of others. One's own is always there. */
  readonly seesReads: SeesReads = (readerId, userId) =>
    readerId === userId || !(this.of(readerId).privacy.hideReads || this.of(userId).privacy.hideReads);

  async choose(userId: string, patch: ChoicesPatch): Promise<void> {
    const kept = await this.#options.store.choose(userId, patch, new Date(this.#now()).toISOString());
    await this.#take(userId, kept.choices, kept.rev);
  }

  /** A signal said that something of this account is different. */
  async heard(userId: string): Promise<void> {
    const kept = await this.#options.store.choicesOf(userId);
    await this.#take(userId, kept.choices, kept.rev);
  }

  async sweep(): Promise<void> {
    const { store } = this.#options;
    const time = this.#now();
    const since = this.#sweptAt === null ? null : new Date(this.#sweptAt - overlapMs).toISOString();
    for (const { userId, choices, rev } of await store.choicesSince(since))
      await this.#take(userId, choices, rev);
    this.#sweptAt = time;
  }

  async #take(userId: string, choices: Choices, rev: number): Promise<void> {
    const before = this.#kept.get(userId);
    if (rev <= (before?.rev ?? 0)) return;
    // Who hides nothing and says nothing stays by number only, so that an older answer cannot come back.
    const plain = choices.statusText === null && !hidesSomething(choices.privacy);
    this.#kept.set(userId, { choices: plain ? noChoices : choices, rev });
    await this.onChanged?.(userId, before?.choices ?? noChoices, choices);
  }
}

// Takes letters that wait and sees them sent. Any number of these may run: a letter is one's for a while, and when its
// worker dies the next one sends it, with the same id.
import type { Letter, Letters } from '../../ports/accounts/port.ts';
import { isOutsideError } from '../../ports/errors.ts';

export type LetterWorkerOptions = {
  letters: Pick<Letters, 'takeLetters' | 'letterDone' | 'letterLater'>;
  deliver: (letter: Letter) => Promise<void>;
  onTrouble: (error: unknown, what: string) => void;
  lookEveryMs?: number;
  now?: () => number;
};

/** As many as go to the mail server side by side: one that waited for others would use up its lease before it is sent. */
const atOnce = 2;
/**
 * So long nobody else sends a letter, and so long it waits when its worker is killed. A mail server that is silent for
 * 20 s has failed; the rest is for one that is slow at several steps. One that takes longer still gets the mail from
 * another worker too, with the same id.
 */
const leaseMs = 60_000;
const firstPauseMs = 10_000;
const longestPauseMs = 3600_000;
/** Then nobody is helped by it any more. */
const givenUpAfterMs = 3 * 24 * 3600_000;

const pauseAfter = (attempts: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts - 1, 20));

export class LetterWorker {
  readonly #options: LetterWorkerOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: LetterWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#options.lookEveryMs ?? 1_000);
  }

  /** Sends what is due; resolves when nothing is any more, or nothing can be. */
  look(): Promise<void> {
    this.#working ??= this.#look().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  async #look(): Promise<void> {
    const { letters, onTrouble } = this.#options;
    while (!this.#isClosed) {
      const time = this.#now();
      try {
        const taken = await letters.takeLetters({
          now: iso(time),
          leaseUntil: iso(time + leaseMs),
          limit: atOnce,
        });
        if (taken.length === 0) return;
        await Promise.all(taken.map((letter) => this.#see(letter)));
      } catch (error) {
        return onTrouble(error, 'Mails that wait are looked for later');
      }
    }
  }

  async #see(letter: Letter): Promise<void> {
    const { letters, deliver, onTrouble } = this.#options;
    try {
      await deliver(letter);
    } catch (error) {
      const time = this.#now();
      const isOver = time - Date.parse(letter.madeAt) > givenUpAfterMs;
      // A mistake of ours is found by whoever reads the log; the letter waits for whoever mends it.
      onTrouble(error, isOver ? 'A mail could not be sent for three days, and is given up' : 'A mail waits');
      if (!isOver) {
        const pauseMs = isOutsideError(error) ? pauseAfter(letter.attempts) : longestPauseMs;
        return letters.letterLater(letter, iso(time + pauseMs));
      }
    }
    await letters.letterDone(letter);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

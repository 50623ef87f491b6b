// The tabs of one person in one browser: they hear each other, and one of them leads (it writes the local store and sends
// what waits). The lead is a Web Lock, so a tab that is closed or crashes hands it over by that alone. A tab that somebody
// looks at does not wait for a leader that the system has put to sleep: it takes the lead.

import type { Pending } from './merge.ts';
import type { Member, Message } from './protocol.ts';
import type { KeptPage } from './store/stretches.ts';

export type TabWord =
  /** A send was kept or has changed. */
  | { say: 'pending'; pending: Pending; order: number }
  | { say: 'discarded'; ref: string }
  /** The log has it, as the leader heard. */
  | { say: 'acked'; ref: string; message: Message }
  | { say: 'read'; conversationId: string; position: Member['readPosition'] }
  | { say: 'page'; conversationId: string; page: KeptPage }
  | { say: 'signed-out' }
  | { say: 'who-leads' }
  | { say: 'i-lead' };

export type TabsOptions = {
  userId: string;
  /** Undefined where the browser has none, as on an insecure origin: then every tab leads. */
  locks: Pick<LockManager, 'request'> | undefined;
  channel: (name: string) => Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;
  onLead: () => void;
  onFollow: () => void;
  onWord: (word: TabWord) => void;
};

const answerWithinMs = 1_500;

export class Tabs {
  readonly #options: TabsOptions;
  readonly #channel: ReturnType<TabsOptions['channel']>;
  readonly #name: string;
  #isLeading = false;
  #isClosed = false;
  #release: () => void = () => undefined;
  #waiting = new AbortController();
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TabsOptions) {
    this.#options = options;
    this.#name = channelOf(options.userId);
    this.#channel = options.channel(this.#name);
    this.#channel.onmessage = ({ data }: MessageEvent<TabWord>) => this.#hear(data);
  }

  get isLeading(): boolean {
    return this.#isLeading;
  }

  open(): void {
    if (!this.#options.locks) return this.#lead();
    void this.#queue({ signal: this.#waiting.signal });
  }

  close(): void {
    this.#isClosed = true;
    this.#isLeading = false;
    clearTimeout(this.#asking);
    this.#waiting.abort();
    this.#release();
    this.#channel.close();
  }

  /** To the other tabs of this person. */
  say(word: TabWord): void {
    if (!this.#isClosed) this.#channel.postMessage(word);
  }

  /** Somebody is here: the lead is taken from a tab that does not answer. */
  needLeader(): void {
    if (this.#isLeading || this.#isClosed || this.#asking !== undefined) return;
    this.#asking = setTimeout(() => {
      this.#asking = undefined;
      if (this.#isLeading || this.#isClosed) return;
      this.#waiting.abort();
      void this.#queue({ steal: true });
    }, answerWithinMs);
    this.say({ say: 'who-leads' });
  }

  async #queue(how: LockOptions): Promise<void> {
    try {
      await this.#options.locks?.request(this.#name, how, () => {
        if (this.#isClosed) return;
        this.#lead();
        return new Promise<void>((resolve) => {
          this.#release = resolve;
        });
      });
    } catch {
      // Given up by us, or taken from us: then we stand in line again.
      if (this.#isClosed || how.signal?.aborted) return;
      this.#isLeading = false;
      this.#options.onFollow();
      this.#waiting = new AbortController();
      void this.#queue({ signal: this.#waiting.signal });
    }
  }

  #lead(): void {
    this.#isLeading = true;
    this.#options.onLead();
  }

  #hear(word: TabWord): void {
    if (word.say === 'who-leads') {
      if (this.#isLeading) this.say({ say: 'i-lead' });
    } else if (word.say === 'i-lead') {
      clearTimeout(this.#asking);
      this.#asking = undefined;
    } else this.#options.onWord(word);
  }
}

/** To all tabs of a person, from outside of them. */
export const sayToTabs = (userId: string, word: TabWord): void => {
  if (!('BroadcastChannel' in globalThis)) return;
  const channel = new BroadcastChannel(channelOf(userId));
  channel.postMessage(word);
  channel.close();
};

const channelOf = (userId: string): string => `chatvui.${userId}`;

// The members of a group beyond the hundred that the conversation carries: page by page as one scrolls, or all of them
// when one is looked for by name.
import type { Api } from './api.ts';
import type { Conversation, Member } from './protocol.ts';

/** A name that more people than this have is looked for with more letters. */
const namesakesMax = 300;

export class Members {
  readonly #api: Pick<Api, 'members' | 'users'>;
  readonly #conversationId: string;
  #further = $state.raw<readonly Member[]>([]);
  #cursor: string | undefined;
  #isComplete = false;
  #loading: Promise<void> | null = null;

  constructor(api: Pick<Api, 'members' | 'users'>, conversationId: string) {
    this.#api = api;
    this.#conversationId = conversationId;
  }

  /** As far as they are known; those that the conversation carries first, as it has them. */
  of(conversation: Conversation): Member[] {
    const shown = new Set(conversation.members.map(({ userId }) => userId));
    return [...conversation.members, ...this.#further.filter(({ userId }) => !shown.has(userId))];
  }

  /** The next page. False: there is none. */
  async more(): Promise<boolean> {
    if (this.#isComplete) return false;
    this.#loading ??= this.#next().finally(() => {
      this.#loading = null;
    });
    await this.#loading;
    return true;
  }

  /** Which of the members have this in their names. */
  async find(words: string): Promise<Set<string>> {
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await this.#api.users(words, 100, cursor);
      for (const { id } of items) found.add(id);
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined && found.size < namesakesMax);
    while (await this.more());
    return found;
  }

  promoted(userId: string, isAdmin: boolean): void {
    this.#further = this.#further.map((one) => (one.userId === userId ? { ...one, isAdmin } : one));
  }

  removed(userId: string): void {
    this.#further = this.#further.filter((one) => one.userId !== userId);
  }

  async #next(): Promise<void> {
    const { items, nextCursor } = await this.#api.members(this.#conversationId, this.#cursor);
    this.#further = [...this.#further, ...items];
    this.#cursor = nextCursor ?? undefined;
    this.#isComplete = nextCursor === null;
  }
}

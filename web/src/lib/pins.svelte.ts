// What is pinned for everybody in a conversation: asked for when it is opened, kept right by the messages that come.
import { SvelteMap } from 'svelte/reactivity';
import type { Api } from './api.ts';
import type { Message } from './protocol.ts';

export class Pins {
  readonly #api: Pick<Api, 'pinned'>;
  readonly #byConversation = new SvelteMap<string, readonly Message[]>();
  readonly #asked = new Set<string>();
  /** What came while the list was on its way: it is newer. */
  readonly #held = new Map<string, Message[]>();

  constructor(api: Pick<Api, 'pinned'>) {
    this.#api = api;
  }

  /** Newest pin first. Reading it in a component is enough. */
  of(conversationId: string): readonly Message[] {
    const known = this.#byConversation.get(conversationId);
    if (known === undefined && !this.#asked.has(conversationId)) {
      this.#asked.add(conversationId);
      queueMicrotask(() => void this.#ask(conversationId));
    }
    return known ?? [];
  }

  put(message: Message): void {
    const { id, conversationId, pinnedAt, deletedAt } = message;
    this.#held.get(conversationId)?.push(message);
    const known = this.#byConversation.get(conversationId);
    if (!known) return;
    const others = known.filter((one) => one.id !== id);
    const isPinned = pinnedAt !== null && deletedAt === null;
    if (isPinned || others.length < known.length)
      this.#byConversation.set(conversationId, isPinned ? sorted([...others, message]) : others);
  }

  /** Messages may be missing: asked for again where they are shown. */
  missed(): void {
    this.#byConversation.clear();
  }

  async #ask(conversationId: string): Promise<void> {
    const held: Message[] = [];
    this.#held.set(conversationId, held);
    try {
      const { items } = await this.#api.pinned(conversationId);
      this.#byConversation.set(conversationId, items);
      this.#held.delete(conversationId);
      for (const message of held) this.put(message);
    } catch {
      // Nothing is shown then; it is asked for when the conversation is next opened.
    } finally {
      this.#held.delete(conversationId);
      this.#asked.delete(conversationId);
    }
  }
}

const sorted = (messages: Message[]): Message[] =>
  messages.sort((a, b) => ((a.pinnedAt ?? '') < (b.pinnedAt ?? '') ? 1 : -1));

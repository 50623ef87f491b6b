// The person's conversations, newest first. How two versions become one is decided in merge.ts.
import { SvelteMap } from 'svelte/reactivity';
import { type Api, ApiProblem } from './api.ts';
import { conversationWithMessage, conversationWithRead, isBehind, mergeConversation } from './merge.ts';
import type { Conversation, Message } from './protocol.ts';

const pagesMax = 20;
/** A server that answers what was before is asked again after this, then after twice as long, and so on. */
const behindMs = 400;
const behindTriesMax = 6;

export class Conversations {
  readonly #api: Api;
  readonly #me: string;
  readonly #byId = new SvelteMap<string, Conversation>();
  /** On its way; true: what has happened since makes its answer old. */
  readonly #asked = new Map<string, boolean>();
  /** How often in a row an answer knew less than what is known here. */
  readonly #behind = new Map<string, number>();
  isLoaded = $state(false);
  /** Nothing is missing of what this person has, as far as this page knows. */
  #isComplete = false;
  /** Asked for one by one, without an answer yet. */
  readonly #owed = new Set<string>();
  /** Whether the list was asked for in vain, the last time. */
  hasFailed = $state(false);

  readonly sorted = $derived.by(() =>
    [...this.#byId.values()].sort((a, b) => (activityOf(a) < activityOf(b) ? 1 : -1)),
  );

  constructor(api: Api, me: string) {
    this.#api = api;
    this.#me = me;
  }

  get isWhole(): boolean {
    return this.#isComplete && this.#owed.size === 0;
  }

  /** As this browser kept them. */
  start(kept: readonly Conversation[], isWhole: boolean): void {
    for (const conversation of kept) this.#byId.set(conversation.id, conversation);
    this.#isComplete = isWhole;
    this.isLoaded = true;
  }

  /** Events are missing: the list is to be loaded again before it counts as whole. */
  missed(): void {
    this.#isComplete = false;
  }

  get(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  /** The whole list again: what it no longer names is gone, unless it came while we asked. */
  async load(): Promise<void> {
    try {
      await this.#loadAll();
      this.hasFailed = false;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  async #loadAll(): Promise<void> {
    const gone = new Set(this.#byId.keys());
    let cursor: string | undefined;
    let isComplete = false;
    for (let page = 0; page < pagesMax && !isComplete; page += 1) {
      const { items, nextCursor } = await this.#api.conversations(cursor);
      for (const conversation of items) {
        gone.delete(conversation.id);
        this.put(conversation, 'page');
      }
      this.isLoaded = true;
      cursor = nextCursor ?? undefined;
      isComplete = nextCursor === null;
    }
    if (isComplete) for (const id of gone) this.#byId.delete(id);
    this.#isComplete = true;
    this.#owed.clear();
  }

  put(conversation: Conversation, source: 'page' | 'frame'): void {
    const { id } = conversation;
    const known = this.#byId.get(id);
    this.#byId.set(id, mergeConversation(known, conversation, source, this.#me));
    if (source === 'frame') return;
    if (known && isBehind(known, conversation, this.#me)) this.#askLater(id);
    else this.#behind.delete(id);
  }

  remove(id: string): void {
    this.#byId.delete(id);
  }

  putMessage(message: Message): void {
    const known = this.#byId.get(message.conversationId);
    if (known) this.#byId.set(known.id, conversationWithMessage(known, message, this.#me));
    else void this.ask(message.conversationId);
  }

  putRead(conversationId: string, userId: string, position: string): void {
    const known = this.#byId.get(conversationId);
    if (!known) return;
    const next = conversationWithRead(known, { userId, position }, this.#me);
    this.#byId.set(conversationId, next);
    if (userId === this.#me && next.unreadCount > 0) void this.ask(conversationId);
  }

  /** One conversation from the server, asked for once at a time. False when there is none for this person. */
  async ask(id: string): Promise<boolean> {
    if (this.#asked.has(id)) {
      this.#asked.set(id, true);
      return true;
    }
    this.#asked.set(id, false);
    this.#owed.add(id);
    try {
      this.put(await this.#api.conversation(id), 'page');
      this.#owed.delete(id);
      return true;
    } catch (problem) {
      if (problem instanceof ApiProblem && problem.status === 404) this.#owed.delete(id);
      return false;
    } finally {
      const isOld = this.#asked.get(id);
      this.#asked.delete(id);
      if (isOld) void this.ask(id);
    }
  }

  #askLater(id: string): void {
    const tries = this.#behind.get(id) ?? 0;
    this.#behind.set(id, tries + 1);
    if (tries < behindTriesMax)
      setTimeout(() => this.#byId.has(id) && void this.ask(id), behindMs * 2 ** tries);
  }
}

const activityOf = ({ lastMessage, createdAt }: Conversation): string => lastMessage?.createdAt ?? createdAt;

/** The other person of a one-to-one conversation. */
export const peerOf = (conversation: Conversation, me: string): string | null =>
  conversation.isGroup ? null : (conversation.members.find(({ userId }) => userId !== me)?.userId ?? null);

// The list as the person has arranged it: their conversations with their own settings. The rules are in list.ts.
import type { Conversations } from './conversations.svelte.ts';
import { arrange, isArchived, type Listed, type ListFilter, loudCount } from './list.ts';
import type { Personal } from './personal.svelte.ts';
import type { Conversation } from './protocol.ts';

export class ConversationList {
  filter = $state<ListFilter>('all');
  readonly #conversations: Conversations;
  readonly #personal: Personal;
  readonly #listed = $derived.by(() => this.#conversations.sorted.map((one) => this.listed(one)));
  readonly shown = $derived.by(() => arrange(this.#listed, this.filter));
  readonly archivedCount = $derived.by(() => this.#listed.filter(isArchived).length);
  readonly loud = $derived.by(() => loudCount(this.#listed));

  constructor(conversations: Conversations, personal: Personal) {
    this.#conversations = conversations;
    this.#personal = personal;
  }

  listed(conversation: Conversation): Listed {
    const { id } = conversation;
    return {
      conversation,
      settings: this.#personal.settings(id),
      isMuted: this.#personal.isMuted(id),
      changedAt: this.#personal.settingsChangedAt(id),
    };
  }
}

// What people keep for themselves: the rules about it, and that their other devices hear of a change.
import type { PersonalItems } from '../ports/accounts/port.ts';
import { makeEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';
import { limits } from '../schemas/limits.ts';
import type {
  ConversationSettings,
  PersonalChanges,
  PersonalItem,
  PersonalKind,
  PersonalValue,
  SavedMessage,
} from '../schemas/personal.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { Message } from '../schemas/views.ts';
import { pageFor } from './chat.ts';

export type PersonalOptions = {
  store: PersonalItems;
  /** Whether the person is a member of it now. */
  isMember(userId: string, conversationId: string): Promise<boolean>;
  message(userId: string, messageId: string): Promise<Message | Refusal>;
  publish(event: ChatEvent): Promise<unknown>;
  /** The change holds; the person's other devices learn of it when they next ask. */
  onUnheard(error: unknown): void;
};

export type PersonalChange = {
  kind: PersonalKind;
  key: string;
  value: PersonalValue | null;
  /** Only if the item still has this rev. */
  base?: number | undefined;
};

export class Personal {
  readonly #options: PersonalOptions;

  constructor(options: PersonalOptions) {
    this.#options = options;
  }

  changes(
    userId: string,
    asked: { since: number; limit: number; cursor?: string | undefined },
  ): Promise<PersonalChanges | Refusal> {
    return pageFor(this.#options.store.personalChanges(userId, asked));
  }

  /** Replaces or (value null) removes. What is so already is answered and told to nobody. */
  async put(userId: string, change: PersonalChange): Promise<PersonalItem | Refusal> {
    // Removed can be what one may not see any more.
    const refusal = change.value && (await this.#refusalOf(userId, change.kind, change.key, change.value));
    if (refusal) return refusal;
    const now = new Date().toISOString();
    const put = await this.#options.store.putPersonal(userId, { ...change, now });
    if (put.kind === 'conflict')
      return refuse('conflict', 'Another device has changed this since. Ask for it, and decide anew.');
    if (put.kind === 'full')
      return refuse(
        'too_many',
        `A person can keep ${limits.personalItemsMax} settings, drafts and saved messages. Remove some first.`,
      );
    if (put.changed) this.#tell(userId, put.item, now);
    return put.item;
  }

  async #refusalOf(
    userId: string,
    kind: PersonalKind,
    key: string,
    value: PersonalValue,
  ): Promise<Refusal | null> {
    if (kind === 'saved') {
      const { conversationId, at } = value as SavedMessage;
      const message = await this.#options.message(userId, key);
      if (isRefusal(message)) return message;
      if (message.conversationId !== conversationId.toLowerCase())
        return refuse('unknown_message', 'This message is in another conversation.');
      return refusalOfTime(at);
    }
    if (!(await this.#options.isMember(userId, key)))
      return refuse('not_found', 'There is no such conversation, or you are not a member of it.');
    const { mutedUntil } = kind === 'conversation' ? (value as ConversationSettings) : {};
    return mutedUntil === undefined || mutedUntil === 'forever' ? null : refusalOfTime(mutedUntil);
  }

  #tell(userId: string, { kind, key, rev }: PersonalItem, time: string): void {
    const id = crypto.randomUUID();
    const data = { kind, key, rev };
    const event = makeEvent({ type: 'personal.changed', id, subject: userId, actor: userId, time, data });
    this.#options.publish(event).catch((error) => this.#options.onUnheard(error));
  }
}

/** The form is right already; there may be no such day. */
export const refusalOfTime = (time: string): Refusal | null => {
  const ms = Date.parse(time);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === time
    ? null
    : refuse('invalid_input', `There is no such time as ${time}.`);
};

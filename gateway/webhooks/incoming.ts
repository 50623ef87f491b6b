// Incoming webhooks: made by who looks after a conversation, posted to by anybody who has the address.
import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import type { IncomingHooks, StoredIncoming } from '../../ports/webhooks/port.ts';
import type {
  Bot,
  HookPostBody,
  HooksQuery,
  IncomingHook,
  IncomingHookBody,
  IncomingHookChange,
  NewIncomingHook,
} from '../../schemas/bots.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Message } from '../../schemas/views.ts';
import type { Bots } from '../auth/bots.ts';
import type { AuthLimits } from '../auth/limits.ts';
import type { Chat } from '../chat.ts';
import { textOf } from './posting.ts';
import { hashOfSecret, isSecret, newIncomingSecret } from './signing.ts';

/** How somebody stands in a conversation; null: not in it. */
export type Role = { isGroup: boolean; isAdmin: boolean; memberIds: string[] } | null;

export type IncomingOptions = {
  store: IncomingHooks;
  bots: Pick<Bots, 'managed' | 'create' | 'list'>;
  chat: Pick<Chat, 'send' | 'addMember'>;
  roleOf(userId: string, conversationId: string): Promise<Role>;
  limits: Pick<AuthLimits, 'hookPost' | 'wrongHook'>;
  now?: () => number;
};

const touchedEveryMs = 60_000;
const noHook = (): Refusal => refuse('not_found', 'There is no such webhook, or its secret is another one.');
const noConversation = (): Refusal =>
  refuse('not_found', 'There is no such conversation, or you are not a member of it.');

const viewOf = (hook: StoredIncoming): IncomingHook => ({
  id: hook.id,
  name: hook.name,
  botId: hook.botId,
  conversationId: hook.conversationId,
  isDisabled: hook.isDisabled,
  createdBy: hook.createdBy,
  createdAt: hook.createdAt,
  lastUsedAt: hook.lastUsedAt,
});

export class Incoming {
  readonly #options: IncomingOptions;

  constructor(options: IncomingOptions) {
    this.#options = options;
  }

  async create(callerId: string, body: IncomingHookBody): Promise<NewIncomingHook | Refusal> {
    const { store, chat } = this.#options;
    const { conversationId, name } = body;
    const role = await this.#keeperOf(callerId, conversationId);
    if (isRefusal(role)) return role;
    // Asked before a bot is made for nothing; asked again when it counts.
    const there = await store.incomingOf({ conversationId });
    if (there.length >= limits.hooksMax) return full();
    const bot = await this.#botFor(callerId, body, role);
    if (isRefusal(bot)) return bot;
    if (role.isGroup && !role.memberIds.includes(bot.id)) {
      const added = await chat.addMember(callerId, conversationId, { userId: bot.id });
      if (isRefusal(added) && added.code !== 'conflict') return added;
    }
    const secret = newIncomingSecret();
    const hook: StoredIncoming = {
      id: randomUUID(),
      name: name.normalize('NFC'),
      botId: bot.id,
      conversationId,
      isDisabled: false,
      createdBy: callerId,
      createdAt: this.#at(),
      lastUsedAt: null,
    };
    const how = { secretHash: hashOfSecret(secret), max: limits.hooksMax };
    if ((await store.createIncoming(hook, how)) === 'full') return full();
    return { ...viewOf(hook), path: pathOf(hook.id, secret) };
  }

  async list(callerId: string, { conversationId, botId }: HooksQuery): Promise<IncomingHook[] | Refusal> {
    const { store, bots } = this.#options;
    if (conversationId !== undefined) {
      const role = await this.#keeperOf(callerId, conversationId);
      if (isRefusal(role)) return role;
      const found = await store.incomingOf({ conversationId });
      return found.filter((hook) => botId === undefined || hook.botId === botId).map(viewOf);
    }
    const own = botId === undefined ? await bots.list(callerId, false) : await bots.managed(callerId, botId);
    if (isRefusal(own)) return own;
    return (await store.incomingOf({ botIds: [own].flat().map(({ id }) => id) })).map(viewOf);
  }

  async change(callerId: string, id: string, change: IncomingHookChange): Promise<IncomingHook | Refusal> {
    const hook = await this.#managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const patch = { ...change, ...(change.name !== undefined && { name: change.name.normalize('NFC') }) };
    if (!(await this.#options.store.changeIncoming(id, patch))) return noHook();
    return { ...viewOf(hook), ...patch };
  }

  /** Another secret; the address before is good no more. */
  async renew(callerId: string, id: string): Promise<NewIncomingHook | Refusal> {
    const hook = await this.#managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const secret = newIncomingSecret();
    if (!(await this.#options.store.changeIncoming(id, { secretHash: hashOfSecret(secret) })))
      return noHook();
    return { ...viewOf(hook), path: pathOf(id, secret) };
  }

  async remove(callerId: string, id: string): Promise<Refusal | null> {
    const hook = await this.#managed(callerId, id);
    if (isRefusal(hook)) return hook;
    return (await this.#options.store.removeIncoming(id)) ? null : noHook();
  }

  /** By whoever has the address. `ref`, or the key of the header, makes it the same message however often it comes. */
  async post(
    id: string,
    secret: string,
    body: HookPostBody,
    from: { address: string; idempotencyKey: string | undefined },
  ): Promise<{ message: Message; first: boolean } | Refusal> {
    const { store, chat, limits: rates, now = Date.now } = this.#options;
    const hook = await store.incoming(id);
    if (!hook || !isSecret(secret, hook.secretHash)) return (await rates.wrongHook(from.address)) ?? noHook();
    const limited = await rates.hookPost(id);
    if (limited) return limited;
    if (hook.isDisabled)
      return refuse('hook_disabled', 'This webhook was switched off by who looks after it.');
    const content = textOf(body);
    if (content === '') return refuse('invalid_input', 'Send `text` (or `content`) that says something.');
    if (content.length > limits.contentLengthMax)
      return refuse('invalid_input', `The text is longer than ${limits.contentLengthMax} characters.`);
    const key = body.ref ?? from.idempotencyKey;
    // Of this webhook only: two of one bot may use the same keys.
    const ref = key === undefined ? randomUUID() : v5(key, id);
    const sent = await chat.send(hook.botId, { ref, content, conversationId: hook.conversationId });
    if (isRefusal(sent) && sent.code === 'not_a_member')
      return refuse('bot_cannot', 'The bot of this webhook is no member of the conversation any more.');
    if (!isRefusal(sent) && now() - Date.parse(hook.lastUsedAt ?? '1970-01-01') >= touchedEveryMs)
      await store.touchIncoming(id, this.#at());
    return sent;
  }

  /** Who looks after a conversation: admins of a group, both of a one-to-one. */
  async #keeperOf(callerId: string, conversationId: string): Promise<NonNullable<Role> | Refusal> {
    const role = await this.#options.roleOf(callerId, conversationId);
    if (!role) return noConversation();
    return !role.isGroup || role.isAdmin
      ? role
      : refuse('not_an_admin', 'Only an admin of the group looks after its webhooks.');
  }

  async #managed(callerId: string, id: string): Promise<StoredIncoming | Refusal> {
    const hook = await this.#options.store.incoming(id);
    if (!hook) return noHook();
    const { secretHash, ...stored } = hook;
    if (!isRefusal(await this.#options.bots.managed(callerId, hook.botId))) return stored;
    return isRefusal(await this.#keeperOf(callerId, hook.conversationId)) ? noHook() : stored;
  }

  async #botFor(
    callerId: string,
    { botId, name }: IncomingHookBody,
    role: NonNullable<Role>,
  ): Promise<Pick<Bot, 'id'> | Refusal> {
    const { bots } = this.#options;
    if (!role.isGroup) {
      const other = role.memberIds.find((id) => id !== callerId);
      const id = botId ?? other;
      const bot = id !== undefined && id === other ? await bots.managed(callerId, id) : null;
      return bot && !isRefusal(bot)
        ? bot
        : refuse(
            'bot_cannot',
            'Into a one-to-one conversation only its own bot can post: talk with your bot.',
          );
    }
    if (botId) return bots.managed(callerId, botId);
    // What a name may not hold, a bot's is without.
    const username = name.replace(/[\s@/\p{C}]+/gu, '-').slice(0, limits.usernameLengthMax - 5);
    const made = await bots.create(callerId, username);
    if (!isRefusal(made) || made.code !== 'username_taken') return made;
    return bots.create(callerId, `${username}-${randomUUID().slice(0, 4)}`);
  }

  #at(): string {
    return new Date((this.#options.now ?? Date.now)()).toISOString();
  }
}

const pathOf = (id: string, secret: string): string => `/api/hooks/${id}/${secret}`;
const full = (): Refusal =>
  refuse('too_many', `A conversation can have ${limits.hooksMax} webhooks. Delete one first.`);

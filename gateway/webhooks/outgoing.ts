// Outgoing webhooks as their keepers see them. What makes the deliveries is consumers/webhooks.
import { randomUUID } from 'node:crypto';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { Outbound } from '../../ports/outbound/port.ts';
import type { Delivery, Hook, HookCounts, HookKeeping, Replay } from '../../ports/webhooks/port.ts';
import type {
  HooksQuery,
  NewWebhook,
  ReplayBody,
  Webhook,
  WebhookBody,
  WebhookChange,
  WebhookDelivery,
} from '../../schemas/bots.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Bots } from '../auth/bots.ts';
import type { Role } from './incoming.ts';
import { newSigningSecret } from './signing.ts';

export type OutgoingOptions = {
  store: HookKeeping;
  bots: Pick<Bots, 'managed' | 'list'>;
  roleOf(userId: string, conversationId: string): Promise<Role>;
  log: Pick<EventLog, 'describeTopics'>;
  partitionOf(conversationId: string): number;
  outbound: Pick<Outbound, 'check'>;
  now?: () => number;
};

const topic = 'chat.conversations';
const shownMax = 100;
/** How long the secret before signs too. */
const rotationMs = 24 * 3_600_000;
const noHook = (): Refusal => refuse('not_found', 'There is no such webhook, or it is not yours.');

const viewOf = (hook: Hook, counts: HookCounts | undefined): Webhook => ({
  id: hook.id,
  name: hook.name,
  botId: hook.botId,
  conversationId: hook.conversationId,
  url: hook.url,
  types: hook.types,
  includeOwn: hook.includeOwn,
  state: hook.state,
  pausedAt: hook.pausedAt,
  reason: hook.reason,
  failingSince: hook.failingSince,
  lastSuccessAt: hook.lastSuccessAt,
  waiting: counts?.waiting ?? 0,
  oldestWaitingAt: counts?.oldestWaitingAt ?? null,
  dead: counts?.dead ?? 0,
  replaying: counts?.replaying ?? false,
  createdBy: hook.createdBy,
  createdAt: hook.createdAt,
});

const deliveryView = (one: Delivery, state: 'waiting' | 'dead'): WebhookDelivery => ({
  id: one.id,
  type: one.type,
  conversationId: one.conversationId,
  position: String(one.position),
  at: one.enqueuedAt,
  state,
  attempts: one.attempts,
  status: one.lastStatus,
  error: one.lastError,
  durationMs: null,
});

export class Outgoing {
  readonly #options: OutgoingOptions;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  async create(callerId: string, body: WebhookBody): Promise<NewWebhook | Refusal> {
    const { store, bots, roleOf } = this.#options;
    const bot = await bots.managed(callerId, body.botId);
    if (isRefusal(bot)) return bot;
    const conversationId = body.conversationId ?? null;
    if (conversationId !== null && !(await roleOf(bot.id, conversationId)))
      return refuse('bot_cannot', 'The bot is no member of this conversation. Add it first.');
    const refusal = this.#refusalOfUrl(body.url);
    if (refusal) return refusal;
    const hook: Hook = {
      id: randomUUID(),
      name: body.name.normalize('NFC'),
      botId: bot.id,
      conversationId,
      url: body.url,
      types: [...body.types],
      includeOwn: body.includeOwn ?? false,
      state: 'active',
      reason: null,
      pausedAt: null,
      failingSince: null,
      lastSuccessAt: null,
      secret: newSigningSecret(),
      former: null,
      horizon: (await this.#described()).endOffsets,
      createdBy: callerId,
      createdAt: this.#at(),
    };
    if ((await store.createHook(hook, { max: limits.hooksMax })) === 'full')
      return refuse('too_many', `A bot can have ${limits.hooksMax} webhooks. Delete one first.`);
    return { ...viewOf(hook, undefined), secret: hook.secret };
  }

  async list(callerId: string, { conversationId, botId }: HooksQuery): Promise<Webhook[] | Refusal> {
    const { bots, store } = this.#options;
    const own = botId === undefined ? await bots.list(callerId, false) : await bots.managed(callerId, botId);
    if (isRefusal(own)) return own;
    const hooks = (await store.hooksOf({ botIds: [own].flat().map(({ id }) => id) })).filter(
      (hook) => conversationId === undefined || hook.conversationId === conversationId,
    );
    const counts = await store.countsOf(hooks.map(({ id }) => id));
    return hooks.map((hook) => viewOf(hook, counts.get(hook.id)));
  }

  async one(callerId: string, id: string): Promise<Webhook | Refusal> {
    const hook = await this.managed(callerId, id);
    return isRefusal(hook) ? hook : this.#view(hook.id);
  }

  async change(callerId: string, id: string, change: WebhookChange): Promise<Webhook | Refusal> {
    const { store } = this.#options;
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const { state, name, ...rest } = change;
    const refusal = rest.url === undefined ? null : this.#refusalOfUrl(rest.url);
    if (refusal) return refusal;
    const patch = { ...rest, ...(name !== undefined && { name: name.normalize('NFC') }) };
    if (Object.keys(patch).length > 0 && !(await store.changeHook(id, patch))) return noHook();
    if (state === 'paused') await store.pauseHook(id, 'by_hand', this.#at());
    if (state === 'active') await store.resumeHook(id, this.#at());
    return this.#view(id);
  }

  /** A new secret; the one before signs too for a day. */
  async rotate(callerId: string, id: string): Promise<NewWebhook | Refusal> {
    const { store, now = Date.now } = this.#options;
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const secret = newSigningSecret();
    const former = { secret: hook.secret, until: new Date(now() + rotationMs).toISOString() };
    if (!(await store.changeHook(id, { secret, former }))) return noHook();
    const view = await this.#view(id);
    return isRefusal(view) ? view : { ...view, secret };
  }

  async remove(callerId: string, id: string): Promise<Refusal | null> {
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    return (await this.#options.store.removeHook(id)) ? null : noHook();
  }

  async deliveries(
    callerId: string,
    id: string,
    state: 'recent' | 'waiting' | 'dead',
  ): Promise<WebhookDelivery[] | Refusal> {
    const { store } = this.#options;
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    if (state !== 'recent')
      return (await store.deliveriesOf(id, state, shownMax)).map((one) => deliveryView(one, state));
    return (await store.attemptsOf(id, shownMax)).map((one) => ({
      id: one.id,
      type: one.type,
      conversationId: one.conversationId,
      position: String(one.position),
      at: one.at,
      state: one.outcome,
      attempts: one.attempt,
      status: one.status,
      error: one.error,
      durationMs: one.durationMs,
    }));
  }

  /** Answers how many wait again. */
  async reviveDead(callerId: string, id: string, deliveryId: string | null): Promise<number | Refusal> {
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const revived = await this.#options.store.reviveDead(id, deliveryId, this.#at());
    return revived === 0 && deliveryId !== null
      ? refuse('not_found', 'There is no such dead letter.')
      : revived;
  }

  async replay(callerId: string, id: string, body: ReplayBody): Promise<Webhook | Refusal> {
    const { store, partitionOf } = this.#options;
    const hook = await this.managed(callerId, id);
    if (isRefusal(hook)) return hook;
    const { since = null, position } = body;
    const conversationId = body.conversationId ?? hook.conversationId;
    if ((since === null) === (position === undefined))
      return refuse('invalid_input', 'Give `since` or `position`, one of them.');
    if (position !== undefined && conversationId === null)
      return refuse('invalid_input', 'A position is one of a conversation: give `conversationId`.');
    if (hook.conversationId !== null && conversationId !== hook.conversationId)
      return refuse('invalid_input', 'This webhook is for another conversation.');
    const { startOffsets, endOffsets } = await this.#described();
    const only = conversationId === null ? null : partitionOf(conversationId);
    const replays = endOffsets.flatMap((end, partition): Replay[] => {
      if (only !== null && partition !== only) return [];
      const first = startOffsets[partition] ?? 0;
      // A position is the place of an event: its offset + 1.
      const next = position === undefined ? first : Math.min(end, Math.max(first, Number(position) - 1));
      return [{ hookId: id, partition, conversationId, next, end, since }];
    });
    await store.replay(replays);
    return this.#view(id);
  }

  /** The hook, to who answers for its bot; to everybody else there is none. */
  async managed(callerId: string, id: string): Promise<Hook | Refusal> {
    const hook = await this.#options.store.hook(id);
    if (!hook || isRefusal(await this.#options.bots.managed(callerId, hook.botId))) return noHook();
    return hook;
  }

  #refusalOfUrl(url: string): Refusal | null {
    const refused = this.#options.outbound.check(url);
    if (!refused) return null;
    return {
      ...refuse('invalid_input', refused.detail),
      errors: [{ path: '/url', message: refused.reason }],
    };
  }

  async #view(id: string): Promise<Webhook | Refusal> {
    const { store } = this.#options;
    const hook = await store.hook(id);
    return hook ? viewOf(hook, (await store.countsOf([id])).get(id)) : noHook();
  }

  async #described() {
    const [description] = await this.#options.log.describeTopics([topic]);
    if (!description) throw new Error(`${topic} is missing: ensureTopics comes first`);
    return description;
  }

  #at(): string {
    return new Date((this.#options.now ?? Date.now)()).toISOString();
  }
}

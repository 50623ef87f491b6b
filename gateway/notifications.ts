// What people choose about being told, which of their devices can be told, and why they were or were not.
import type { StoredSession } from '../ports/accounts/port.ts';
import type { Decided, Notice, NotificationStore, PushSubscription } from '../ports/notifications/port.ts';
import { limits } from '../schemas/limits.ts';
import {
  type ExplainedNotice,
  type NoticeChannel,
  type NotificationExplanation,
  type NotificationPreferences,
  type NotificationPreferencesBody,
  type Subscription,
  type SubscriptionBody,
  type TestNotice,
  usualPreferences,
} from '../schemas/notifications.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { Message } from '../schemas/views.ts';

export type NotificationsOptions = {
  store: Pick<NotificationStore, 'people' | 'queue' | 'explaining'> & {
    writer: Pick<NotificationStore['writer'], 'applied'>;
  };
  devices(userId: string, now: string): Promise<Pick<StoredSession, 'id' | 'device'>[]>;
  message(userId: string, messageId: string): Promise<Message | Refusal>;
  partitionOf(conversationId: string): number;
  /** Tells the person's other devices. */
  changed(userId: string): Promise<void>;
  /** Null: there is no push here. */
  pushKey: string | null;
  /** Null: this address may be called. */
  refusalOfEndpoint?(endpoint: string): Promise<Refusal | null> | Refusal | null;
  /** Whether e-mail can reach them; left out: there is none here. */
  mailReaches?(userId: string): Promise<boolean>;
  now?: () => number;
};

type Caller = { userId: string; sessionId: string };

const topic = 'chat.conversations';
/** Somebody looks at a button meanwhile. */
const testWaitMs = 4_000;
const testLookMs = 100;

export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #now: () => number;

  constructor(options: NotificationsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async preferences(userId: string): Promise<NotificationPreferences> {
    return (await this.#options.store.people.preferences([userId])).get(userId) ?? usualPreferences;
  }

  async setPreferences(
    userId: string,
    body: NotificationPreferencesBody,
  ): Promise<NotificationPreferences | Refusal> {
    const refusal = refusalOf(body);
    if (refusal) return refusal;
    const { keywords } = body;
    const change = { ...body, ...(keywords && { keywords: wordsOf(keywords) }) };
    const next = await this.#options.store.people.setPreferences(userId, change, this.#now());
    await this.#options.changed(userId);
    return next;
  }

  async subscriptions({ userId, sessionId }: Caller): Promise<Subscription[]> {
    const found = await this.#options.store.people.subscriptions([userId]);
    const devices = await this.#devices(userId);
    return found.map((subscription) => viewOf(subscription, sessionId, devices));
  }

  async subscribe(
    { userId, sessionId }: Caller,
    { endpoint, keys }: SubscriptionBody,
  ): Promise<Subscription | Refusal> {
    const { pushKey, store, refusalOfEndpoint } = this.#options;
    if (pushKey === null) return refuse('no_channel', 'There is no push here.');
    if (!URL.canParse(endpoint)) return refuse('invalid_input', 'The endpoint is no address.');
    const refusal = await refusalOfEndpoint?.(endpoint);
    if (refusal) return refusal;
    const subscription: PushSubscription = {
      id: crypto.randomUUID(),
      userId,
      sessionId,
      endpoint,
      p256dh: keys.p256dh,
      auth: keys.auth,
      createdMs: this.#now(),
      lastSentMs: null,
    };
    if ((await store.people.subscribe(subscription)) === 'full')
      return refuse('too_many', `Push can reach ${limits.subscriptionsMax} devices. Take one away first.`);
    return viewOf(subscription, sessionId, await this.#devices(userId));
  }

  /** Without an id that of the device that asks. Answered in the same way when there was none. */
  async unsubscribe({ userId, sessionId }: Caller, id?: string): Promise<Refusal | null> {
    const { people } = this.#options.store;
    const gone = await people.unsubscribe(
      userId,
      id === undefined ? { sessionIds: [sessionId] } : { ids: [id] },
    );
    return id !== undefined && gone === 0 ? refuse('not_found', 'No device of yours is told so.') : null;
  }

  get pushKey(): string | null {
    return this.#options.pushKey;
  }

  /** Goes the way that every notice goes. */
  async test({ userId, sessionId }: Caller, channel: NoticeChannel): Promise<TestNotice | Refusal> {
    const { store, mailReaches } = this.#options;
    const canReach =
      channel === 'push'
        ? (await store.people.subscriptions([userId])).some((one) => one.sessionId === sessionId)
        : ((await mailReaches?.(userId)) ?? false);
    if (!canReach)
      return refuse(
        'no_channel',
        channel === 'push' ? 'This device is not told by push.' : 'No e-mail reaches you.',
      );
    const id = crypto.randomUUID();
    const nowMs = this.#now();
    await store.queue.add({
      id,
      form: 'test',
      userId,
      conversationId: userId,
      messageId: id,
      position: 0,
      kind: 'direct',
      channel,
      sessionId: channel === 'push' ? sessionId : null,
      dueMs: nowMs,
      attempts: 0,
      state: 'waiting',
      reason: null,
      madeMs: nowMs,
      settledMs: null,
    });
    const deadline = performance.now() + testWaitMs;
    for (;;) {
      const notice = await store.queue.notice(id);
      const isOver = notice === null || notice.state !== 'waiting' || performance.now() > deadline;
      if (isOver) return { id, channel, state: notice?.state ?? 'dropped', reason: notice?.reason ?? null };
      await new Promise((resolve) => setTimeout(resolve, testLookMs));
    }
  }

  async explain(userId: string, messageId: string): Promise<NotificationExplanation | Refusal> {
    const { message: find, store, partitionOf } = this.#options;
    const message = await find(userId, messageId);
    if (isRefusal(message)) return message;
    const { conversationId, position } = message;
    const [decided, notices, devices, applied] = await Promise.all([
      store.explaining.decided(message.id),
      store.explaining.notices(message.id, userId),
      this.#devices(userId),
      store.writer.applied(topic),
    ]);
    const items = [
      ...notices.map((notice) => explained(notice, devices)),
      ...decided.flatMap((one) => notTold(one, userId, notices.length > 0)),
    ];
    const passed = Number(position) <= (applied[partitionOf(conversationId)] ?? 0);
    const [first] = decided;
    return {
      messageId: message.id,
      conversationId,
      decidedAt: first ? iso(first.atMs) : null,
      state: first ? 'decided' : passed ? 'not_kept' : 'not_yet',
      items,
    };
  }

  /** The account has gone. */
  forget(userId: string): Promise<void> {
    return this.#options.store.people.forget(userId);
  }

  async #devices(userId: string): Promise<Map<string, string>> {
    const sessions = await this.#options.devices(userId, iso(this.#now()));
    return new Map(sessions.map(({ id, device }) => [id, device]));
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

const viewOf = (
  { id, sessionId, endpoint, createdMs, lastSentMs }: PushSubscription,
  current: string,
  devices: ReadonlyMap<string, string>,
): Subscription => ({
  id,
  sessionId,
  current: sessionId === current,
  device: devices.get(sessionId) ?? null,
  host: new URL(endpoint).host,
  createdAt: iso(createdMs),
  lastSentAt: lastSentMs === null ? null : iso(lastSentMs),
});

const explained = (
  { id, kind, channel, sessionId, state, reason, dueMs, settledMs, attempts }: Notice,
  devices: ReadonlyMap<string, string>,
): ExplainedNotice => ({
  id,
  kind,
  channel,
  sessionId,
  device: sessionId === null ? null : (devices.get(sessionId) ?? null),
  state,
  reason,
  dueAt: dueMs === null ? null : iso(dueMs),
  settledAt: settledMs === null ? null : iso(settledMs),
  attempts,
});

/** What was decided against, about this person. */
const notTold = ({ notTold, rest, atMs }: Decided, userId: string, isTold: boolean): ExplainedNotice[] => {
  const own = notTold.filter(({ userIds }) => userIds.includes(userId));
  const reasons = own.map(({ reason, channel }) => ({ reason, channel }));
  if (reasons.length === 0 && !isTold && rest) reasons.push({ reason: rest.reason, channel: null });
  return reasons.map(({ reason, channel }) => ({
    id: null,
    kind: null,
    channel,
    sessionId: null,
    device: null,
    state: 'dropped',
    reason,
    dueAt: null,
    settledAt: iso(atMs),
    attempts: 0,
  }));
};

const wordsOf = (keywords: string[]): string[] => [
  ...new Set(keywords.map((word) => word.normalize('NFC').trim())),
];

/** What no schema can say. */
const refusalOf = ({ timeZone, quietHours }: NotificationPreferencesBody): Refusal | null => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return refuse('invalid_input', `There is no time zone "${timeZone}".`);
  }
  return quietHours && quietHours.from === quietHours.to
    ? refuse('invalid_input', 'Quiet hours end at another time than they begin.')
    : null;
};

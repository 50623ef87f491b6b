// Notifications: what people prefer, the devices that can be told, the notices that wait or were sent, and why. Times are
// milliseconds since 1970.
//
// A notice is one message for one person by one channel on one device (e-mail: on none). Its id is made of those, so the
// same one is never there twice. Notices wait in the store: `dueMs` says until when, a lease whose they are meanwhile.
import { noticeId } from '../../schemas/ids.ts';
import type {
  LaterReason,
  NoticeChannel,
  NoticeKind,
  NoticeState,
  NotificationPreferences,
  NotificationPreferencesBody,
  NotToldReason,
} from '../../schemas/notifications.ts';
import type { MovableTables } from '../moving.ts';

/** A device that can be pushed to. Secret. */
export type PushSubscription = {
  id: string;
  userId: string;
  sessionId: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  createdMs: number;
  lastSentMs: number | null;
};

/** What a device or a mailbox is told: `notice` of messages of one conversation, `digest` of several, `clear`: take it back. */
export type NoticeForm = 'notice' | 'digest' | 'clear' | 'test';

export type Notice = {
  id: string;
  form: NoticeForm;
  userId: string;
  /** Of a test: the person. */
  conversationId: string;
  messageId: string;
  /** Place of the message; 0 of a test. */
  position: number;
  kind: NoticeKind;
  channel: NoticeChannel;
  /** Null: the person, on no device in particular. */
  sessionId: string | null;
  /** Null: it is settled. */
  dueMs: number | null;
  attempts: number;
  state: NoticeState;
  reason: NotToldReason | LaterReason | null;
  madeMs: number;
  /** When it was sent, dropped or given up. */
  settledMs: number | null;
};

/** What is told together has the same: of one person, one channel, one device; of one conversation but for a digest. */
export const earOf = ({ form, userId, conversationId, channel, sessionId }: Notice): string =>
  [form, userId, form === 'digest' ? '' : conversationId, channel, sessionId].join(' ');

/** One phone or browser of a person; of e-mail the person's mailbox. */
export const deviceOf = ({ userId, sessionId }: Pick<Notice, 'userId' | 'sessionId'>): string =>
  `${userId} ${sessionId ?? ''}`;

/** Takes back what that notice has told its device. */
export const clearOf = (notice: Notice, nowMs: number): Notice => ({
  ...notice,
  id: noticeId(notice.id, notice.userId, notice.sessionId ?? '', 'clear'),
  form: 'clear',
  dueMs: nowMs,
  attempts: 0,
  state: 'waiting',
  reason: null,
  madeMs: nowMs,
  settledMs: null,
});

/** What is to be said at once: notices of one ear. */
export type Due = {
  /** Stable: that of the oldest notice. A repetition after a crash has the same. */
  id: string;
  form: NoticeForm;
  userId: string;
  channel: NoticeChannel;
  /** Null for e-mail. */
  sessionId: string | null;
  /** For push. */
  subscription: PushSubscription | null;
  /** Null for a digest. */
  conversationId: string | null;
  /** Oldest first. Everything that is still unread, not deleted, and that the person may see; at most 200. */
  notices: Notice[];
  preferences: NotificationPreferences;
  /** 1 at the first try. */
  attempt: number;
};

/**
 * sent: somebody took it over. gone: this address or device will never take anything again (the notices are dropped; of
 * a push the subscription is removed). nothing_to_send: there is nothing to say any more.
 */
export type Delivered = 'sent' | 'gone' | 'nothing_to_send';

/** A way to tell people. Given to the role by `app/`. */
export interface Channel {
  name: NoticeChannel;
  /**
   * Says it. Throws OutsideError: `later` is tried again with pauses, `never` is given up. May be called twice with the
   * same `id` around a crash. Bounded by itself; more than 30 s are cut off.
   */
  deliver(due: Due): Promise<Delivered>;
  /** Of these people those whom it can reach (e-mail: a verified address). Push is asked of the subscriptions instead. */
  reaches?(userIds: string[]): Promise<Set<string>>;
}

/** Why people were not told of a message. */
export type NotTold = { reason: NotToldReason; channel: NoticeChannel | null; userIds: string[] };

/** All about one event. The notices that were made lie beside it. */
export type Decided = {
  /** Of a reaction or an edit another one than the message's. */
  eventId: string;
  messageId: string;
  conversationId: string;
  notTold: NotTold[];
  /** Why all members that are named nowhere were not told. */
  rest: { reason: NotToldReason; count: number } | null;
  atMs: number;
};

/** Notices of a person in a conversation, up to a place: read, or left. */
export type Ended = { userId: string; conversationId: string; position: number; reason: NotToldReason };

/** An event for chat.notifications. */
export type OutboxEntry = { id: number; key: string; value: string };

export type NotificationCommit = {
  topic: string;
  partition: number;
  fence: number;
  next: number;
  decided: Decided[];
  notices: Notice[];
  /** Waiting notices up to there are dropped; of those that were sent the devices are told to take them back. */
  ended: Ended[];
  /** Of messages that are gone. */
  deleted: { messageId: string; conversationId: string }[];
  nowMs: number;
  /** Events to be written, by key. `settled` makes those of the notices that this commit has ended. */
  outbox: { key: string; value: string }[];
  settled(notices: Notice[]): { key: string; value: string }[];
};

export interface NotificationWriter {
  /**
   * Notes for partitions that were never here where their log ends now, before anybody takes them: what is said from this
   * moment on is told.
   */
  begin(topic: string, epoch: string, ends: number[]): Promise<void>;
  /**
   * Takes a partition. `end`: where its log ends now. A partition that was never taken, or that was taken of another
   * epoch, begins there: what is before it is told to nobody, ever. Nor is anything before the place up to which it was
   * once decided, whatever became of the position.
   */
  claim(
    topic: string,
    partition: number,
    epoch: string,
    end: number,
  ): Promise<{ next: number; fence: number }>;
  /** All of it, the position and the horizon in one transaction. Repeating changes nothing. Throws `fenced`. */
  commit(batch: NotificationCommit): Promise<void>;
  applied(topic: string): Promise<number[]>;
  /** Answers by place where a partition's horizon is. */
  horizons(topic: string): Promise<number[]>;
}

/** What became of notices that somebody has leased. */
export type Settlement = {
  lease: string;
  ids: string[];
  state: NoticeState;
  reason: NotToldReason | LaterReason | null;
  /** Null: it is over. */
  dueMs: number | null;
  attempts: number;
  /** Of a device that was told. */
  subscriptionId: string | null;
  /** For the log, if any of them was still had. */
  outbox: { key: string; value: string }[];
};

export interface NotificationQueue {
  /**
   * Takes notices that are due, with all that wait for the same person, channel, device and conversation (a digest: with
   * all its person's), and keeps them from others for `leaseMs`. `limit` bounds the due ones. `dueMs` is when they were due.
   */
  take(asked: { lease: string; nowMs: number; leaseMs: number; limit: number }): Promise<Notice[]>;
  /** All of it in one transaction, of each lease only the notices that it still has; answers which those were. */
  settle(settlements: Settlement[], nowMs: number): Promise<string[]>;
  /** A notice of no event: a test. */
  add(notice: Notice): Promise<void>;
  notice(id: string): Promise<Notice | null>;
  /** How many separate sendings the devices of these people got by this channel since then, by `deviceOf`; who got none is left out. */
  sentSince(userIds: string[], channel: NoticeChannel, sinceMs: number): Promise<Map<string, number>>;
  /** When the next one is due; null: none waits. */
  nextDueMs(): Promise<number | null>;
  counts(nowMs: number): Promise<{ waiting: number; overdue: number; oldestMs: number | null }>;

  /** Entries not yet in the log, oldest first, for one writer at a time: nothing while another has the oldest. */
  outbox(asked: { lease: string; nowMs: number; leaseMs: number; limit: number }): Promise<OutboxEntry[]>;
  outboxDone(ids: number[]): Promise<void>;
  /** Settled notices and decisions from before then. Bounded; answers how many went. */
  prune(beforeMs: number): Promise<number>;
}

export interface NotificationPeople {
  /** Those who have chosen something. */
  preferences(userIds: string[]): Promise<Map<string, NotificationPreferences>>;
  /** What is left out stays, also while somebody else changes it. Answers all of it. */
  setPreferences(
    userId: string,
    change: NotificationPreferencesBody,
    nowMs: number,
  ): Promise<NotificationPreferences>;
  subscriptions(userIds: string[]): Promise<PushSubscription[]>;
  /** One a device: the former one goes. The same endpoint of another device or person goes too. `full`: too many devices. */
  subscribe(subscription: PushSubscription): Promise<'kept' | 'full'>;
  /** Those of this person with one of these ids or sessions. Answers how many went. */
  unsubscribe(userId: string, which: { ids?: string[]; sessionIds?: string[] }): Promise<number>;

  /** Everything of a person goes. */
  forget(userId: string): Promise<void>;
}

export interface NotificationExplaining {
  /** Oldest first; several where a message was edited or reacted to. */
  decided(messageId: string): Promise<Decided[]>;
  notices(messageId: string, userId: string): Promise<Notice[]>;
}

export type MovedNotificationTable =
  | 'notification_preferences'
  | 'notification_subscriptions'
  | 'notification_notices';

export interface NotificationStore {
  writer: NotificationWriter;
  queue: NotificationQueue;
  people: NotificationPeople;
  explaining: NotificationExplaining;
  moving: MovableTables<MovedNotificationTable>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

// Webhooks: the addresses that post into conversations, and those that are told what happens there. The second kind are
// consumers of the log: what each is to be told is written down in the transaction that moves the position, in order for
// each conversation (a lane), and stays until it was delivered or given up.
import type { WebhookType } from '../../schemas/bots.ts';
import type { MovableTables } from '../moving.ts';

export type StoredIncoming = {
  id: string;
  name: string;
  botId: string;
  conversationId: string;
  isDisabled: boolean;
  createdBy: string;
  createdAt: string;
  lastUsedAt: string | null;
};

export type PauseReason = 'by_hand' | 'gone' | 'failing' | 'refused';

export type Hook = {
  id: string;
  name: string;
  botId: string;
  /** Null: every conversation of the bot. */
  conversationId: string | null;
  url: string;
  types: WebhookType[];
  includeOwn: boolean;
  state: 'active' | 'paused';
  reason: PauseReason | null;
  pausedAt: string | null;
  failingSince: string | null;
  lastSuccessAt: string | null;
  secret: string;
  /** The one before, which signs too until then. */
  former: { secret: string; until: string } | null;
  /** Where the log ended, per partition, when it was made: what lies before is not for it. */
  horizon: number[];
  createdBy: string;
  createdAt: string;
};

export type HookCounts = {
  waiting: number;
  oldestWaitingAt: string | null;
  dead: number;
  replaying: boolean;
};

export type NewDelivery = {
  hookId: string;
  conversationId: string;
  partition: number;
  /** Of the event: offset + 1. With hook and conversation its key. */
  position: number;
  /** The same whenever it is sent. */
  id: string;
  type: WebhookType;
  /** Whose content is in the body. */
  messageId: string | null;
  body: string;
};
export type Delivery = NewDelivery & {
  enqueuedAt: string;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
};

export type Attempt = {
  status: number | null;
  error: string | null;
  durationMs: number;
  at: string;
};
export type Outcome =
  | { kind: 'delivered' }
  /** The lane waits until then. */
  | { kind: 'failed'; retryAt: string }
  /** Kept, and the lane goes on behind it. */
  | { kind: 'dead' };

export type LoggedAttempt = Attempt & {
  id: string;
  type: string;
  conversationId: string;
  position: number;
  outcome: Outcome['kind'];
  attempt: number;
};

export type Lane = { hookId: string; conversationId: string };
/** Whoever works on a lane or a replay; nobody else does before `until`. */
export type Lease = { owner: string; until: string };

/** A stretch of a partition [next, end) that is told again. Null conversation: all of them. */
export type Replay = {
  hookId: string;
  partition: number;
  conversationId: string | null;
  next: number;
  end: number;
  /** What happened before is passed over. */
  since: string | null;
};

export interface IncomingHooks {
  /** `full`: there are `max` in that conversation. */
  createIncoming(hook: StoredIncoming, how: { secretHash: string; max: number }): Promise<'made' | 'full'>;
  incoming(id: string): Promise<(StoredIncoming & { secretHash: string }) | null>;
  /** Oldest first, at most a thousand. */
  incomingOf(asked: { conversationId: string } | { botIds: string[] }): Promise<StoredIncoming[]>;
  changeIncoming(
    id: string,
    patch: { name?: string; isDisabled?: boolean; secretHash?: string },
  ): Promise<boolean>;
  touchIncoming(id: string, now: string): Promise<void>;
  removeIncoming(id: string): Promise<boolean>;
}

/** For whoever manages them. Each change is seen by every later `commit`. */
export interface HookKeeping {
  /** `full`: the bot has `max`. */
  createHook(hook: Hook, how: { max: number }): Promise<'made' | 'full'>;
  hook(id: string): Promise<Hook | null>;
  hooksOf(asked: { conversationId: string } | { botIds: string[] }): Promise<Hook[]>;
  countsOf(ids: string[]): Promise<Map<string, HookCounts>>;
  changeHook(
    id: string,
    patch: Partial<Pick<Hook, 'name' | 'url' | 'types' | 'includeOwn' | 'secret' | 'former'>>,
  ): Promise<boolean>;
  /** With everything that waits for it. */
  removeHook(id: string): Promise<boolean>;
  /** Incoming and outgoing. */
  removeHooksOf(botId: string): Promise<void>;
  /** False: it was paused already, or there is none. */
  pauseHook(id: string, reason: PauseReason, now: string): Promise<boolean>;
  /** What it missed is replayed. False: it was active already, or there is none. */
  resumeHook(id: string, now: string): Promise<boolean>;
  /** Those with the same place are told once; what was given up there is told again. */
  replay(replays: Replay[]): Promise<void>;
  /** Of those given up this one, or all; answers how many wait again. */
  reviveDead(hookId: string, deliveryId: string | null, now: string): Promise<number>;
  /** In order of time; at most `limit`. */
  deliveriesOf(hookId: string, state: 'waiting' | 'dead', limit: number): Promise<Delivery[]>;
  /** The newest first, at most `limit`; some hundreds are kept. */
  attemptsOf(hookId: string, limit: number): Promise<LoggedAttempt[]>;
}

/** For the consumer of the log. */
export interface HookFeed {
  /** As history's claim; a partition that was never claimed begins at `startAt`. `webhooks_other_log`: another epoch. */
  claim(
    topic: string,
    partition: number,
    epoch: string,
    startAt: () => Promise<number>,
  ): Promise<{ next: number; fence: number }>;
  /** All of them, and a number that every change raises. */
  hooks(): Promise<{ version: number; hooks: Hook[] }>;
  /**
   * Deliveries and position in one transaction. `stale`: hooks have changed since `version`, and nothing was written. For
   * the `paused` ones the place is remembered from which they miss something. Of `scrubbed` messages no content stays.
   */
  commit(batch: {
    topic: string;
    partition: number;
    fence: number;
    first: number;
    next: number;
    version: number;
    deliveries: NewDelivery[];
    paused: string[];
    scrubbed: string[];
    now: string;
  }): Promise<'done' | 'stale'>;
  scrub(messageIds: string[]): Promise<void>;
  /** Next offsets taken, per partition. */
  applied(topic: string): Promise<number[]>;
  /** Of what was taken, what hooks are told of out of the log: replays under way, and what the paused ones miss. */
  outstanding(): Promise<Replay[]>;
}

/** For whoever delivers. Leases hold over processes. */
export interface HookDelivering {
  /** Lanes of active hooks that are due and that nobody works on, longest due first. */
  dueLanes(now: string, limit: number, exceptHooks: string[]): Promise<Lane[]>;
  leaseLane(lane: Lane, lease: Lease, now: string): Promise<boolean>;
  /** `held`: a replay that has not come so far yet brings something before it. */
  nextIn(lane: Lane): Promise<{ kind: 'delivery'; delivery: Delivery } | { kind: 'none' } | { kind: 'held' }>;
  /** What came of it; the lease is prolonged, or given back when it failed. False: the lease was lost. */
  settle(delivery: Delivery, attempt: Attempt, outcome: Outcome, lease: Lease): Promise<boolean>;
  /** Nobody works on it any more. A lane in which nothing waits goes, else it is due then. */
  leaveLane(lane: Lane, owner: string, dueAt: string): Promise<void>;
  takeReplay(lease: Lease, now: string): Promise<Replay | null>;
  /** A part of it, up to `next`; the lease is prolonged. False: the lease was lost, or the replay was changed. */
  replayed(
    replay: Replay,
    step: { next: number; deliveries: NewDelivery[]; now: string },
    lease: Lease,
  ): Promise<boolean>;
  leaveReplay(replay: Replay, owner: string): Promise<void>;
  /** For a process that knows it is the only one: whoever held a lease is dead. */
  dropLeases(): Promise<void>;
}

export type MovedWebhookTable = 'incoming_hooks' | 'webhooks' | 'webhook_deliveries' | 'webhook_lanes';

export interface WebhookStore extends IncomingHooks, HookKeeping, HookFeed, HookDelivering {
  moving: MovableTables<MovedWebhookTable>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

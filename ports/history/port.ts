// History: the SQL projection of the log. One side writes (the history consumer), the other reads (gateways, tools).
import type { PreviewRow } from '../../schemas/previews.ts';
import type {
  Change,
  ConversationRow,
  MemberRow,
  MessageRow,
  PinRow,
  ReactionRow,
  ReadMarkRow,
  UserRow,
} from '../../schemas/rows.ts';
import type { Copyable } from '../copy.ts';

/** A partition as its new owner finds it. */
export type Claim = {
  /** The first offset not yet applied. */
  next: number;
  /** Rises with every claim; a commit with an older fence is refused. */
  fence: number;
};

export type DeadLetter = {
  offset: number;
  eventId: string | null;
  /** Null where it cannot be made out. */
  type: string | null;
  /** RFC 3339: when the event says that it happened, else when the log took it. */
  at: string;
  /** `void: <refusal code>`, or `skipped: ...`. */
  reason: string;
};

export type PlacedDeadLetter = DeadLetter & { topic: string; partition: number };

export type Commit = {
  topic: string;
  partition: number;
  fence: number;
  /** The first offset after this batch. Must be greater than what was committed before. */
  next: number;
  changes: Change[];
  /** Events that were void at their place (nothing was applied) or were told to be skipped: kept to be looked at. */
  deadLetters: DeadLetter[];
};

/** Everything that a conversation's state is made of. `members` has former members too (`active: false`). */
export type StoredConversation = { conversation: ConversationRow; members: MemberRow[] };

export interface HistoryWriter {
  /**
   * Takes a partition, raising its fence, in one transaction. Throws OutsideError `history_other_log` (retry never)
   * when the rows were made from a log with another epoch.
   */
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  /**
   * Rows and position in one transaction. By the rev rule: a row is taken only where it is absent or its rev is
   * older; of equal revs the first stays. Throws `fenced` (retry never: stop owning) when another owner has claimed.
   * Repeating a commit changes nothing. Deadlocks and lost connections: OutsideError with retry `later`, nothing
   * written or all of it (the caller claims again to learn which).
   */
  commit(batch: Commit): Promise<void>;
  /** States for `admit`, read outside any transaction; unknown ids are left out. */
  conversations(ids: string[]): Promise<StoredConversation[]>;
}

/** Places that a reader may see: half-open spans, or everything. */
export type Visible = 'all' | (readonly [from: number, to: number])[];

export type StoredMessage = {
  message: MessageRow;
  /** Place of the newest event that changed the message, its reactions, its pin or its previews. */
  changed: number;
  /** Oldest first, those taken back too (`active: false`): their rev is what the next one follows. */
  reactions: ReactionRow[];
  /** Null: it was never pinned. */
  pin: PinRow | null;
  /** Of all links that it ever had and whose page was read, removed ones too; none of a deleted message. */
  previews: PreviewRow[];
};

/** Next offsets applied, per partition of the topic; index = partition. */
export type AppliedPositions = number[];

export type ListedConversation = StoredConversationHead & {
  member: MemberRow;
  lastMessage: StoredMessage | null;
  /** Of others, visible, not deleted, after the reader's mark. */
  unreadCount: number;
  mentionCount: number;
};

/** A conversation for one reader, with at most `membersShownMax` members: the reader and admins first. */
export type StoredConversationHead = {
  conversation: ConversationRow;
  members: (MemberRow & { readPosition: number })[];
  memberCount: number;
  /** Place of the newest event of any kind in this conversation. */
  changed: number;
};

/** A text that a message had from then on. */
export type MessageVersion = Pick<MessageRow, 'content' | 'attachments' | 'mentions'> & { since: string };

/** What a message was before it became what it is. */
export type MessagePast = {
  /** Former texts, oldest first; none of a deleted message. */
  versions: MessageVersion[];
  /** Every reaction that was ever given or taken back, the present ones too, in the order of their places. */
  reactions: ReactionRow[];
};

/** A moment of a conversation: everything up to an event time, or up to a place. */
export type Cut = { time: string } | { place: number };

export type ConversationThen = Pick<ConversationRow, 'name' | 'pictureUrl'> & {
  /** Admins first, then by joining. */
  members: Pick<MemberRow, 'userId' | 'isAdmin' | 'joinedAt'>[];
  memberCount: number;
};

/** What one event did to a conversation's name (only when `name` is there) and its members. */
export type ConversationChange = {
  position: number;
  at: string;
  name?: string | null;
  joined: string[];
  left: string[];
};

export type Standing = {
  member: MemberRow;
  conversation: Pick<ConversationRow, 'id' | 'isGroup' | 'historyVisibility'>;
  readPosition: number;
};

export type Belonging = {
  member: MemberRow;
  conversation: Pick<ConversationRow, 'name' | 'isGroup' | 'historyVisibility'>;
  firstPosition: number | null;
};

export interface HistoryReader {
  applied(topic: string): Promise<AppliedPositions>;
  /** One conversation with ALL members and the applied positions, in one snapshot. Null: not known (yet). */
  conversation(
    id: string,
  ): Promise<{ stored: StoredConversation | null; applied: AppliedPositions; marks: ReadMarkRow[] }>;
  /** Conversations without their members; unknown ids are left out. */
  heads(ids: string[]): Promise<ConversationRow[]>;
  /** All memberships of a person, former ones too, with the place of each conversation's newest event, in one snapshot. */
  memberships(userId: string): Promise<{
    memberships: { member: MemberRow; changed: number }[];
    applied: AppliedPositions;
  }>;
  /** Which of the conversations changed after what the reader has: for resync. */
  message(id: string): Promise<StoredMessage | null>;
  messages(ids: string[]): Promise<StoredMessage[]>;
  /**
   * A page of one conversation, ascending by place. `before`/`after` exclusive; neither: the newest page. With `sentBy`
   * only messages whose own time is not after it.
   */
  page(query: {
    conversationId: string;
    visible: Visible;
    before?: number;
    after?: number;
    sentBy?: string;
    limit: number;
  }): Promise<StoredMessage[]>;
  /** Of each of these messages what it was before, as far as versions have been kept. */
  pasts(ids: string[]): Promise<Map<string, MessagePast>>;
  /**
   * Active members who have read as far as this place, by id, and when each of them first had. Marks from before they
   * were kept are missing: then the time is that of the first kept one behind it.
   */
  readsOf(
    of: { conversationId: string; position: number },
    query: { limit: number; cursor?: string },
  ): Promise<{ items: { userId: string; at: string }[]; nextCursor: string | null }>;
  /**
   * Null: nothing of it was there yet, or `memberId` was no member then. `limit` bounds the members that are named, not
   * their count.
   */
  conversationAt(
    conversationId: string,
    cut: Cut,
    asked: { limit: number; memberId: string | null },
  ): Promise<ConversationThen | null>;
  /** What happened to members and name at places in [from, to), in order; at most some thousands of people. */
  changesBetween(
    conversationId: string,
    places: readonly [from: number, to: number],
  ): Promise<ConversationChange[]>;
  /**
   * Messages whose row, reactions, pin or previews changed after place `since`, with place greater than `after`, ascending by place:
   * call again with the last place until fewer than `limit` come.
   */
  changedMessages(query: {
    conversationId: string;
    visible: Visible;
    since: number;
    after: number;
    limit: number;
  }): Promise<StoredMessage[]>;
  /** Pinned messages that have not been deleted, newest pin first. */
  pinned(conversationId: string, limit: number): Promise<StoredMessage[]>;
  /**
   * Where a file is shown in conversations that this person is or was in: messages that have it and are not deleted, and
   * conversations whose picture it is (place 0). Newest membership says nothing about what they may see: the caller asks.
   */
  mediaPlaces(
    mediaId: string,
    userId: string,
    limit: number,
  ): Promise<{ conversationId: string; messageId: string; position: number }[]>;
  /** Read marks of the conversation moved by events after place `since`. */
  changedMarks(conversationId: string, since: number): Promise<ReadMarkRow[]>;
  /** The smallest read position among active members other than `exceptUserId`; Infinity when there is none. */
  readByAllOthers(conversationId: string, exceptUserId: string): Promise<number>;
  readPosition(conversationId: string, userId: string): Promise<number>;
  /** How people stand in conversations, former memberships too; where they were never known they are left out. */
  standings(asked: { userId: string; conversationId: string }[]): Promise<Standing[]>;
  /**
   * Own active conversations, newest activity first. `cursor` is the reader's own opaque string; another one throws
   * `ForeignCursorError`, here and below.
   */
  list(
    userId: string,
    query: { limit: number; cursor?: string },
  ): Promise<{ items: ListedConversation[]; nextCursor: string | null }>;
  /** Some conversations as `list` has them, by id; those of which the reader is no active member are left out. */
  listed(userId: string, conversationIds: string[]): Promise<Map<string, ListedConversation>>;
  /** The same view of one conversation for several of its active members at once (frames after a change). */
  views(conversationId: string, userIds: string[]): Promise<Map<string, ListedConversation>>;
  /** Active members, admins first, then by joining. */
  members(
    conversationId: string,
    query: { limit: number; cursor?: string },
  ): Promise<{ items: (MemberRow & { readPosition: number })[]; nextCursor: string | null }>;
  users(ids: string[]): Promise<(UserRow & { lastOnline: string | null })[]>;
  usersByName(usernames: string[]): Promise<UserRow[]>;
  /** Directory: names that begin with or contain `q` (case and accents ignored), exact and prefix first; '' lists all by name. */
  findUsers(query: { q: string; limit: number; cursor?: string }): Promise<{
    items: (UserRow & { lastOnline: string | null })[];
    nextCursor: string | null;
  }>;
  /** All message ids, in pages by id: feeds the gateways' filter of known ids. */
  messageIds(query: { after: string; limit: number }): Promise<string[]>;
  /** Offsets in [from, to) whose events were void at their place or were told to be skipped. */
  voided(topic: string, partition: number, span: { from: number; to: number }): Promise<number[]>;
  /** The conversations of which a person is a member now, with the place of each one's first message (null: none). */
  belongings(userId: string): Promise<Belonging[]>;
  /** Newest first. */
  deadLetters(query: { limit: number; cursor?: string; only?: 'void' | 'skipped' }): Promise<{
    items: PlacedDeadLetter[];
    nextCursor: string | null;
  }>;
  deadLetter(topic: string, partition: number, offset: number): Promise<PlacedDeadLetter | null>;
}

/** What the presence consumer keeps in SQL: who was last online when. */
export type KeptPresenceRow = {
  userId: string;
  status: 'online' | 'away' | 'offline';
  at: string;
  position: number;
};

export interface PresenceHistory {
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  commit(batch: {
    topic: string;
    partition: number;
    fence: number;
    next: number;
    rows: KeptPresenceRow[];
  }): Promise<void>;
  /** Everybody of whom there was an event, in pages by id; these people only, when named. */
  rows(query: { after: string; limit: number } | { userIds: string[] }): Promise<KeptPresenceRow[]>;
  /** Everybody whose last event is not `offline`. */
  notOffline(): Promise<{ userId: string; status: 'online' | 'away'; at: string; position: number }[]>;
}

export interface HistoryStore extends Copyable<HistoryWriter> {
  writer: HistoryWriter;
  reader: HistoryReader;
  presence: PresenceHistory & Copyable<PresenceHistory>;
  /** Cheap round trip for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

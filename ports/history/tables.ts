// The rows of history's tables as a database gives them: what Kysely checks our queries against.
export type MessageTable = {
  conversation_id: string;
  position: number;
  id: string;
  sender_id: string;
  content: string;
  attachments: string;
  mentions: string;
  reply_to: string | null;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  rev: number;
  /** Place of the event that wrote this row as it is. */
  written: number;
  /**
   * Place of the newest event that changed the row, its reactions, pin or previews after it was sent; 0: none did. So its index leads
   * to the few old messages that became different, past the many that are simply new.
   */
  changed: number;
};

export type MemberTable = {
  conversation_id: string;
  user_id: string;
  is_admin: number;
  active: number;
  /** 0 admin, 1 member, 2 former: with the joining the order in which members are shown. */
  listing: number;
  joined_at: string;
  joined_position: number;
  left_position: number | null;
  spans: string;
  rev: number;
  position: number;
};

export type ConversationTable = {
  id: string;
  is_group: number;
  name: string | null;
  picture_url: string | null;
  history_visibility: string;
  created_by: string;
  created_at: string;
  updated_at: string;
  rev: number;
  position: number;
};

export type UserTable = {
  id: string;
  username: string;
  name_folded: string;
  profile_pic_url: string | null;
  kind: string;
  created_at: string;
  rev: number;
  position: number;
};

export type ReactionTable = {
  conversation_id: string;
  message_id: string;
  user_id: string;
  emoji: string;
  active: number;
  reacted_at: string;
  rev: number;
  position: number;
};

/** Its rev is the position itself. `changed`: place of the event that moved it. */
export type ReadMarkTable = {
  conversation_id: string;
  user_id: string;
  position: number;
  read_at: string;
  changed: number;
};

export type PinTable = {
  message_id: string;
  conversation_id: string;
  user_id: string;
  active: number;
  pinned_at: string;
  rev: number;
  position: number;
};

export type PreviewTable = {
  id: string;
  message_id: string;
  conversation_id: string;
  sender_id: string;
  message_position: number;
  url: string;
  site_name: string;
  title: string;
  description: string;
  /** JSON; null: none. */
  image: string | null;
  image_id: string | null;
  active: number;
  added_at: string;
  rev: number;
  position: number;
};

/** A text that a message had, from `since` until a newer one replaced it. A deleted message has none left. */
export type MessageVersionTable = {
  message_id: string;
  rev: number;
  conversation_id: string;
  content: string;
  attachments: string;
  mentions: string;
  since: string;
  /** Place of the event that wrote it. */
  written: number;
};

/** Every state of a membership, the present one too: a removal has no time of its own in the member's row. */
export type MemberVersionTable = {
  conversation_id: string;
  user_id: string;
  rev: number;
  is_admin: number;
  active: number;
  joined_at: string;
  joined_position: number;
  since: string;
  position: number;
};

export type HistoryTables = {
  users: UserTable;
  user_presence: { user_id: string; status: string; last_online: string; position: number };
  conversations: ConversationTable;
  conversation_users: MemberTable;
  messages: MessageTable;
  /** Counts only while `written` is still the message's: an edit makes new ones. */
  mentions: { conversation_id: string; user_id: string; position: number; written: number };
  reactions: ReactionTable;
  pins: PinTable;
  /** None of a deleted message: a link is part of what it said. */
  previews: PreviewTable;
  read_marks: ReadMarkTable;
  conversation_activity: {
    conversation_id: string;
    changed: number;
    /** Places of different partitions cannot be compared, so lists are ordered by time. */
    active_at: string;
    member_count: number;
  };
  /**
   * Where a file was shown: in a message, or as the picture of a conversation (then the message is the conversation and
   * the place 0). Counts only while that message, not deleted, or that conversation still names it.
   */
  message_media: { media_id: string; message_id: string; conversation_id: string; position: number };
  message_versions: MessageVersionTable;
  /** Reactions that were, until the same person took theirs back or gave it again. */
  reaction_versions: ReactionTable;
  /** Marks that were, until the same person read on. */
  read_versions: ReadMarkTable;
  member_versions: MemberVersionTable;
  /** What a conversation was called, the present name too. */
  conversation_versions: {
    conversation_id: string;
    rev: number;
    name: string | null;
    picture_url: string | null;
    since: string;
    position: number;
  };
  /**
   * No message sent on this day (UTC, by its own time) stands behind this place: where a look into the past begins,
   * without an index over every message.
   */
  message_days: { conversation_id: string; sent_on: string; last_position: number };
  log_positions: {
    topic: string;
    partition_id: number;
    epoch: string;
    next_offset: number;
    fence: number;
    owner: string;
  };
  dead_letters: {
    topic: string;
    partition_id: number;
    event_offset: number;
    event_id: string | null;
    reason: string;
  };
  /** What a dead letter's event says of itself. Missing for those from before there was this table. */
  dead_letter_events: {
    topic: string;
    partition_id: number;
    event_offset: number;
    event_type: string | null;
    /** RFC 3339 as text, in both databases. */
    event_at: string;
  };
};

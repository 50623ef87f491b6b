// Analytics: the projection that counts. It keeps one small row for each thing that is counted (a message, a reaction, a
// joining), so that nothing is ever counted twice and what is taken back is taken out; and daily sums for whoever reads
// the tables with SQL.
//
// `responseMs` of a message, decided when it comes: of an answer (`replyTo`) to another's message that stands before it,
// the time since that one; in a one-to-one conversation also, of the first message after the other person wrote, the time
// since the first of theirs that had no answer yet. It is counted with the message, at the message's time.
import type { Copyable } from '../copy.ts';

export type AnalyticsChange =
  | { kind: 'conversation'; id: string; isGroup: boolean; position: number }
  /** The first one counts. */
  | { kind: 'joined'; conversationId: string; userId: string; at: string; position: number }
  /** Of the same message a newer `rev` only says whether it is deleted: sender, time and place stay the first. */
  | {
      kind: 'message';
      conversationId: string;
      id: string;
      senderId: string;
      at: string;
      replyTo: string | null;
      position: number;
      rev: number;
      isDeleted: boolean;
    }
  | {
      kind: 'reaction';
      conversationId: string;
      messageId: string;
      userId: string;
      emoji: string;
      at: string;
      position: number;
      rev: number;
      isActive: boolean;
    }
  | { kind: 'person'; id: string; at: string; rev: number; isPlaceholder: boolean };

export type AnalyticsCommit = {
  topic: string;
  partition: number;
  fence: number;
  next: number;
  /** In the order of the log. */
  changes: AnalyticsChange[];
};

type Claim = { next: number; fence: number };

export interface AnalyticsWriter {
  /** As history's claim. Throws OutsideError `analytics_other_log` for another epoch. */
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  /**
   * Facts, sums and position in one transaction. Repeating a commit changes nothing; a change that was taken before, and
   * one whose rev is not newer, changes nothing either. Throws `fenced` when another owner has claimed.
   */
  commit(batch: AnalyticsCommit): Promise<void>;
}

/** Local time is counted in quarters of an hour, because some clocks differ from others by that. */
export const quarterMs = 900_000;

/** From this quarter of UTC on (since 1970) the clock is so many quarters ahead. The first one holds before it too. */
export type ClockShift = { from: number; ahead: number };

/** Places (half-open spans of them) that the reader may see. */
type Visible = 'all' | (readonly [from: number, to: number])[];

export type StatisticsRequest = {
  /** Null: everything. */
  scope: { conversationId: string; visible: Visible } | null;
  /** Quarters of UTC since 1970, positive; `to` exclusive. */
  from: number;
  to: number;
  /** Ascending, at least one. */
  clock: ClockShift[];
  granularity: 'hour' | 'day';
  topMax: number;
};

export type Sums = { messages: number; reactions: number; activePeople: number; newPeople: number };
/** Step (see schemas/response-times.ts) → how many answers. */
export type ResponseSteps = Map<number, number>;

export type Statistics = {
  /**
   * `bucket` of a day: how many days after 1970-01-01 it is on the clock; of an hour: the quarter of UTC at which it
   * begins. Those in which nothing happened are left out.
   */
  series: (Sums & { bucket: number; responses: ResponseSteps })[];
  totals: Sums & { responses: ResponseSteps };
  /** Messages by hour of the week on the clock, Monday 0:00 first; 168 of them. */
  hoursOfWeek: number[];
  /** Most messages first. */
  people: { userId: string; messages: number }[];
  /** The same; only when everything was asked for. */
  conversations: { conversationId: string; messages: number }[];
  /** Next offsets counted, by topic and partition, of the same moment. */
  applied: Record<string, number[]>;
};

export interface AnalyticsReader {
  statistics(request: StatisticsRequest): Promise<Statistics>;
  /** Next offsets counted, per partition. */
  applied(topic: string): Promise<number[]>;
}

export interface AnalyticsStore extends Copyable<AnalyticsWriter> {
  writer: AnalyticsWriter;
  reader: AnalyticsReader;
  ping(): Promise<void>;
  close(): Promise<void>;
}

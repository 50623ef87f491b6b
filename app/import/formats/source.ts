// What a foreign history is made of, whatever wrote it. Each format is a file of its own that gives this stream.

/** Ids are the source's own; times RFC 3339 UTC with milliseconds. */
export type SourceItem =
  | { kind: 'person'; id: string; name: string }
  /** Before everything that happens in it. `memberIds`: who is a member at the end. */
  | {
      kind: 'conversation';
      id: string;
      name: string;
      isGroup: boolean;
      /** Everybody there could read it: whoever imports may, too. */
      isPublic: boolean;
      memberIds: string[];
    }
  | { kind: 'join' | 'leave'; conversation: string; person: string; at: string }
  | SourcePost
  /** Something that does not come along, and why. */
  | { kind: 'left_out'; reason: string };

export type SourcePost = {
  kind: 'message';
  conversation: string;
  /** The same in every export of the same history. */
  id: string;
  from: string;
  at: string;
  text: string;
  answers: { id: string; from: string } | null;
  mentions: string[];
  editedAt: string | null;
  isDeleted: boolean;
  reactions: { emoji: string; from: string[] }[];
};

export type Source = {
  /** Where ids come from: the same namespace and id are the same person, conversation, message for ever. */
  namespace: string;
  /** May be asked more than once. */
  read(): AsyncGenerator<SourceItem>;
};

export type FormatOptions = { file: string; name: string; timeZone: string };

/** What is wrong with a file, and where. */
export class BadSource extends Error {}

export const isoOf = (ms: number, where: string): string => {
  if (!Number.isFinite(ms) || ms < 0 || ms > 253_402_300_799_999) throw new BadSource(`${where}: not a time`);
  return new Date(Math.floor(ms)).toISOString();
};

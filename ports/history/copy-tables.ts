// The tables that make up history, by what tells their rows apart. `user_presence` is the presence projection's.
export const copiedTables = {
  users: ['id'],
  conversations: ['id'],
  conversation_users: ['conversation_id', 'user_id'],
  messages: ['conversation_id', 'position'],
  mentions: ['conversation_id', 'user_id', 'position', 'written'],
  reactions: ['message_id', 'user_id', 'emoji'],
  read_marks: ['conversation_id', 'user_id'],
  conversation_activity: ['conversation_id'],
  message_versions: ['message_id', 'rev'],
  reaction_versions: ['message_id', 'user_id', 'emoji', 'rev'],
  member_versions: ['conversation_id', 'user_id', 'rev'],
  conversation_versions: ['conversation_id', 'rev'],
  message_days: ['conversation_id', 'sent_on'],
  dead_letters: ['topic', 'partition_id', 'event_offset'],
} as const;
export type CopiedTable = keyof typeof copiedTables;
export const copiedNames = Object.keys(copiedTables) as CopiedTable[];

export type Row = Record<string, string | number | null>;
/** The values of the row's key columns, in order. */
export type Key = (string | number)[];

export const keyOf = (table: CopiedTable, row: Row): Key =>
  copiedTables[table].map((column) => row[column] as string | number);

/** As the databases order them: ids and words by code unit (ASCII), places as numbers. */
export const compareKeys = (a: Key, b: Key): number => {
  for (const [i, left] of a.entries()) {
    const right = b[i] as string | number;
    if (left === right) continue;
    if (typeof left === 'number') return left - (right as number);
    return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  }
  return 0;
};

// What an import will do, known before anything is written: the people, the first line of each, which message is which.
import { v5 } from 'uuid';
import { messageId } from '../../schemas/ids.ts';
import type { UserRow } from '../../schemas/rows.ts';
import type { SourceMessage } from './jsonl.ts';

const importNamespace = '8f5f2f0e-6f0b-4d43-8f4f-2b1a6f1d9c55';

export type Plan = {
  groupId: string;
  total: number;
  /** Who wrote, in order of their first message. */
  names: string[];
  /** Who wrote which message, by its id in the source: what answers are looked up by. */
  authors: Map<string, string>;
};

/** The group's id follows from the importing person and the source's name: the same import is the same group. */
export const groupIdOf = (actorId: string, source: string): string => v5(`import:${source}`, actorId);

export const planImport = async (groupId: string, messages: AsyncIterable<SourceMessage>): Promise<Plan> => {
  const names = new Set<string>();
  const authors = new Map<string, string>();
  let total = 0;
  for await (const { id, from } of messages) {
    total += 1;
    names.add(from);
    authors.set(id, from);
  }
  return { groupId, total, names: [...names], authors };
};

export const placeholderOf = (username: string, now: string): UserRow => ({
  id: v5(`placeholder:${username}`, importNamespace),
  username,
  profilePicUrl: null,
  kind: 'placeholder',
  createdAt: now,
  rev: 1,
});

/** The client's `ref` of an imported message: always the same for the same message of the same group. */
export const refOf = (groupId: string, sourceId: string): string => v5(sourceId, groupId);

export const importedId = (groupId: string, sourceId: string, senderId: string): string =>
  messageId(senderId, refOf(groupId, sourceId));

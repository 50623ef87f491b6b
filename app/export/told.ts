// A history as it is told to people: conversation by conversation, in order, with names for ids, in bounded memory.
import type { HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { Between } from './scope.ts';

export type ToldMessage = {
  id: string;
  at: string;
  from: string;
  fromId: string;
  /** Empty when it was deleted. */
  text: string;
  isEdited: boolean;
  isDeleted: boolean;
  /** `text` null: it is not shown here. */
  answers: { from: string; text: string | null; isDeleted: boolean } | null;
  attachments: string[];
  reactions: { emoji: string; from: string[] }[];
};

export type ToldMember = { name: string; isAdmin: boolean; joinedAt: string };

export type ToldConversation = { id: string; title: string; createdAt: string; members: ToldMember[] };

/** One kind of document. Each part gives its text; nothing is kept between them. */
export interface Telling {
  begin(title: string, facts: [string, string][]): string;
  conversation(conversation: ToldConversation): string;
  message(message: ToldMessage, conversation: ToldConversation): string;
  conversationEnd(): string;
  end(): string;
}

export type TellOptions = {
  reader: HistoryReader;
  conversationIds: string[];
  between: Between;
  /** Only what this person wrote; others' words are not even quoted. */
  onlyOf: string | null;
  title: string;
  facts: [string, string][];
  write: (text: string) => Promise<void>;
  progress: (step: string, done: number, total: number) => void;
};

const pageSize = 500;
const membersNamedMax = 1_000;

export const tell = async (telling: Telling, options: TellOptions): Promise<{ messages: number }> => {
  const { conversationIds, write, progress, title, facts } = options;
  await write(telling.begin(title, facts));
  let messages = 0;
  for (const [index, id] of conversationIds.entries()) {
    const conversation = await conversationOf(options.reader, id, options.onlyOf);
    if (!conversation) continue;
    await write(telling.conversation(conversation));
    for await (const message of messagesOf(options, id)) {
      await write(telling.message(message, conversation));
      messages += 1;
      if (messages % pageSize === 0) progress('writing', index, conversationIds.length);
    }
    await write(telling.conversationEnd());
  }
  await write(telling.end());
  progress('writing', conversationIds.length, conversationIds.length);
  return { messages };
};

/** Null: unknown, or a person's export is not about it. */
const conversationOf = async (
  reader: HistoryReader,
  id: string,
  onlyOf: string | null,
): Promise<ToldConversation | null> => {
  const { stored } = await reader.conversation(id);
  if (!stored || (onlyOf !== null && !stored.members.some(({ userId }) => userId === onlyOf))) return null;
  const { conversation, members } = stored;
  const named = members.filter(({ active }) => active).slice(0, membersNamedMax);
  const names = await namesOf(
    reader,
    named.map(({ userId }) => userId),
  );
  const told = named.map(({ userId, isAdmin, joinedAt }) => ({ name: names(userId), isAdmin, joinedAt }));
  const pair = told.map(({ name }) => name).join(' & ');
  return { id, title: conversation.name ?? pair, createdAt: conversation.createdAt, members: told };
};

async function* messagesOf(
  { reader, between, onlyOf }: TellOptions,
  conversationId: string,
): AsyncGenerator<ToldMessage> {
  for (let after = 0; ; ) {
    const page = await reader.page({ conversationId, visible: 'all', after, limit: pageSize });
    const wanted = page.filter(({ message }) => isWanted(message, between, onlyOf));
    yield* await toldOf(reader, wanted, onlyOf);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.message.position;
  }
}

const isWanted = ({ createdAt, senderId }: MessageRow, between: Between, onlyOf: string | null): boolean => {
  const ms = Date.parse(createdAt);
  return ms >= between.sinceMs && ms < between.untilMs && (onlyOf === null || senderId === onlyOf);
};

const toldOf = async (
  reader: HistoryReader,
  page: StoredMessage[],
  onlyOf: string | null,
): Promise<ToldMessage[]> => {
  const answered = page.flatMap(({ message }) => (message.replyTo ? [message.replyTo] : []));
  const originals = new Map((await reader.messages(answered)).map(({ message }) => [message.id, message]));
  const people = [...page.map(({ message }) => message), ...originals.values()].map(
    ({ senderId }) => senderId,
  );
  const reacting = page.flatMap(({ reactions }) => reactions.map(({ userId }) => userId));
  const name = await namesOf(reader, [...people, ...reacting]);
  return page.map(({ message, reactions }): ToldMessage => {
    const original = message.replyTo ? originals.get(message.replyTo) : undefined;
    const isDeleted = message.deletedAt !== null;
    return {
      id: message.id,
      at: message.createdAt,
      from: name(message.senderId),
      fromId: message.senderId,
      text: isDeleted ? '' : message.content,
      isEdited: message.editedAt !== null && !isDeleted,
      isDeleted,
      answers: original ? answerOf(original, name(original.senderId), onlyOf !== null) : null,
      attachments: isDeleted ? [] : message.attachments.map((attachment) => attachment.name),
      reactions: onlyOf === null ? byEmoji(reactions, name) : [],
    };
  });
};

const answerOf = (original: MessageRow, from: string, isHidden: boolean): ToldMessage['answers'] => {
  const isDeleted = original.deletedAt !== null;
  return { from, text: isHidden || isDeleted ? null : original.content, isDeleted };
};

const byEmoji = (
  reactions: StoredMessage['reactions'],
  name: (id: string) => string,
): ToldMessage['reactions'] => {
  const people = new Map<string, string[]>();
  for (const { emoji, userId, active } of reactions)
    if (active) people.set(emoji, [...(people.get(emoji) ?? []), name(userId)]);
  return [...people].map(([emoji, from]) => ({ emoji, from }));
};

const namesOf = async (reader: HistoryReader, ids: string[]): Promise<(id: string) => string> => {
  const users = await reader.users([...new Set(ids)]);
  const names = new Map(users.map(({ id, username }) => [id, username]));
  return (id) => names.get(id) ?? id;
};

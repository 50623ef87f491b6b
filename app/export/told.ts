// A history as it is told to people: conversation by conversation, in order, with names for ids, in bounded memory.
import type { HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import type { MemberRow, MessageRow, ReadMarkRow } from '../../schemas/rows.ts';
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

/** What a person has to do with a conversation. */
export type ToldBelonging = {
  /** Each time that they came, and left again. */
  stays: { from: string; until: string | null }[];
  isAdmin: boolean;
  /** When they last read on, and when what they read up to had been sent. */
  read: { at: string; upTo: string } | null;
};

/** A reaction that a person gave; of what it was given to, only whose it is and when it was sent. */
export type ToldReaction = { emoji: string; at: string; messageId: string; messageAt: string; to: string };

export type ToldConversation = {
  id: string;
  title: string;
  createdAt: string;
  members: ToldMember[];
  /** Where the export is about a person. */
  own: ToldBelonging | null;
};

/** One kind of document. Each part gives its text; nothing is kept between them. */
export interface Telling {
  begin(title: string, facts: [string, string][]): string;
  conversation(conversation: ToldConversation): string;
  message(message: ToldMessage, conversation: ToldConversation): string;
  reaction(reaction: ToldReaction, conversation: ToldConversation): string;
  conversationEnd(): string;
  end(): string;
}

export type TellOptions = {
  reader: HistoryReader;
  conversationIds: string[];
  between: Between;
  /** Only what is this person's: what they wrote, the reactions they gave; others' words are not even quoted. */
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
    for await (const page of pagesOf(options.reader, id)) {
      const told = new Map((await messagesIn(options, page)).map((message) => [message.id, message]));
      const reactions = await reactionsIn(options, page);
      messages += told.size;
      for (const { message } of page) {
        const own = told.get(message.id);
        if (own) await write(telling.message(own, conversation));
        for (const reaction of reactions.filter(({ messageId }) => messageId === message.id))
          await write(telling.reaction(reaction, conversation));
      }
      progress('writing', index, conversationIds.length);
    }
    await write(telling.conversationEnd());
  }
  await write(telling.end());
  progress('writing', conversationIds.length, conversationIds.length);
  return { messages };
};

/** Null: unknown, or a person's export is not about it. */
export const conversationOf = async (
  reader: HistoryReader,
  id: string,
  onlyOf: string | null,
): Promise<ToldConversation | null> => {
  const { stored, marks } = await reader.conversation(id);
  if (!stored) return null;
  const { conversation, members } = stored;
  const member = members.find(({ userId }) => userId === onlyOf);
  if (onlyOf !== null && !member) return null;
  const named = members.filter(({ active }) => active).slice(0, membersNamedMax);
  const names = await namesOf(
    reader,
    named.map(({ userId }) => userId),
  );
  const told = named.map(({ userId, isAdmin, joinedAt }) => ({ name: names(userId), isAdmin, joinedAt }));
  const pair = told.map(({ name }) => name).join(' & ');
  const mark = marks.find(({ userId }) => userId === onlyOf);
  const own = member ? { ...(await staysOf(reader, member)), read: await readOf(reader, mark) } : null;
  const title = conversation.name ?? pair;
  return { id, title, createdAt: conversation.createdAt, members: told, own };
};

const staysOf = async (
  reader: HistoryReader,
  { conversationId, userId, isAdmin, active, joinedAt }: MemberRow,
): Promise<Pick<ToldBelonging, 'stays' | 'isAdmin'>> => {
  const stays: ToldBelonging['stays'] = [];
  for (let from = 0; ; ) {
    const changes = await reader.changesBetween(conversationId, [from, Number.MAX_SAFE_INTEGER]);
    const ofMembers = changes.filter(({ joined, left }) => joined.length + left.length > 0);
    const last = ofMembers.at(-1);
    if (!last) break;
    for (const { at, joined, left } of ofMembers) {
      if (joined.includes(userId)) stays.push({ from: at, until: null });
      const open = stays.at(-1);
      if (left.includes(userId) && open) open.until = at;
    }
    from = last.position + 1;
  }
  return { stays: stays.length > 0 ? stays : [{ from: joinedAt, until: null }], isAdmin: isAdmin && active };
};

const readOf = async (
  reader: HistoryReader,
  mark: ReadMarkRow | undefined,
): Promise<ToldBelonging['read']> => {
  if (!mark) return null;
  const { conversationId, position, at } = mark;
  const [upTo] = await reader.page({ conversationId, visible: 'all', before: position + 1, limit: 1 });
  return upTo ? { at, upTo: upTo.message.createdAt } : null;
};

async function* pagesOf(reader: HistoryReader, conversationId: string): AsyncGenerator<StoredMessage[]> {
  for (let after = 0; ; ) {
    const page = await reader.page({ conversationId, visible: 'all', after, limit: pageSize });
    yield page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.message.position;
  }
}

const messagesIn = (
  { reader, between, onlyOf }: TellOptions,
  page: StoredMessage[],
): Promise<ToldMessage[]> => {
  const wanted = page.filter(
    ({ message }) => isIn(between, message.createdAt) && (onlyOf === null || message.senderId === onlyOf),
  );
  return toldOf(reader, wanted, onlyOf);
};

const reactionsIn = async (
  { reader, between, onlyOf }: TellOptions,
  page: StoredMessage[],
): Promise<ToldReaction[]> => {
  if (onlyOf === null) return [];
  const given = page.flatMap(({ message, reactions }) =>
    reactions
      .filter(({ userId, active, at }) => active && userId === onlyOf && isIn(between, at))
      .map(({ emoji, at }) => ({ emoji, at, message })),
  );
  const name = await namesOf(
    reader,
    given.map(({ message }) => message.senderId),
  );
  return given.map(({ emoji, at, message: { id, createdAt, senderId } }) => ({
    emoji,
    at,
    messageId: id,
    messageAt: createdAt,
    to: name(senderId),
  }));
};

const isIn = (between: Between, time: string): boolean => {
  const ms = Date.parse(time);
  return ms >= between.sinceMs && ms < between.untilMs;
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

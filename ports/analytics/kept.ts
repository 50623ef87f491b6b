// What is kept of everything that a batch of changes names, read in few questions.
import type { Transaction } from 'kysely';
import type { Dialect } from '../sql/dialect.ts';
import { inLists } from '../sql/lists.ts';
import type { AnalyticsChange } from './port.ts';
import type { AnalyticsTables } from './tables.ts';
import { type Kept, keys } from './tally.ts';

type Trx = Transaction<AnalyticsTables>;
type Of<K extends AnalyticsChange['kind']> = Extract<AnalyticsChange, { kind: K }>;

export const keptOf = async (trx: Trx, dialect: Dialect, changes: AnalyticsChange[]): Promise<Kept> => {
  const of = <K extends AnalyticsChange['kind']>(kind: K) =>
    changes.filter((change): change is Of<K> => change.kind === kind);
  const messages = of('message');
  return {
    messages: await messagesOf(trx, dialect, messages),
    reactions: await reactionsOf(trx, dialect, of('reaction')),
    members: await membersOf(trx, dialect, of('joined')),
    people: await peopleOf(trx, dialect, of('person')),
    conversations: await conversationsOf(trx, dialect, [
      ...messages.map(({ conversationId }) => conversationId),
      ...of('conversation').map(({ id }) => id),
    ]),
  };
};

const messagesOf = async (
  trx: Trx,
  dialect: Dialect,
  changes: Of<'message'>[],
): Promise<Kept['messages']> => {
  const kept: Kept['messages'] = new Map();
  const ids = new Set(changes.flatMap(({ id, replyTo }) => (replyTo === null ? [id] : [id, replyTo])));
  for (const some of inLists([...ids])) {
    const rows = await trx
      .selectFrom('analytics_messages')
      .select(['conversation_id', 'id', 'sender_id', 'sent_at', 'position', 'response_ms', 'deleted', 'rev'])
      .where('id', 'in', some)
      .execute();
    for (const row of rows) {
      kept.set(keys.message(row.conversation_id, row.id), {
        conversationId: row.conversation_id,
        id: row.id,
        senderId: row.sender_id,
        at: dialect.fromTime(row.sent_at),
        position: row.position,
        responseMs: row.response_ms,
        isDeleted: row.deleted === 1,
        rev: row.rev,
      });
    }
  }
  return kept;
};

/** The values of each conversation, for keys that begin with it. */
const byConversation = <C extends { conversationId: string }>(changes: C[]): Map<string, C[]> => {
  const groups = new Map<string, C[]>();
  for (const change of changes) {
    const group = groups.get(change.conversationId) ?? [];
    group.push(change);
    groups.set(change.conversationId, group);
  }
  return groups;
};

const reactionsOf = async (
  trx: Trx,
  dialect: Dialect,
  changes: Of<'reaction'>[],
): Promise<Kept['reactions']> => {
  const kept: Kept['reactions'] = new Map();
  for (const [conversationId, group] of byConversation(changes)) {
    for (const some of inLists(group)) {
      const rows = await trx
        .selectFrom('analytics_reactions')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where(
          'message_id',
          'in',
          some.map(({ messageId }) => messageId),
        )
        .where(
          'user_id',
          'in',
          some.map(({ userId }) => userId),
        )
        .execute();
      for (const row of rows) {
        const fact = {
          conversationId,
          messageId: row.message_id,
          userId: row.user_id,
          emoji: row.emoji,
          at: dialect.fromTime(row.reacted_at),
          position: row.position,
          isActive: row.active === 1,
          rev: row.rev,
        };
        kept.set(keys.reaction(fact), fact);
      }
    }
  }
  return kept;
};

const membersOf = async (trx: Trx, dialect: Dialect, changes: Of<'joined'>[]): Promise<Kept['members']> => {
  const kept: Kept['members'] = new Map();
  for (const [conversationId, group] of byConversation(changes)) {
    for (const some of inLists(group.map(({ userId }) => userId))) {
      const rows = await trx
        .selectFrom('analytics_members')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where('user_id', 'in', some)
        .execute();
      for (const { user_id: userId, joined_at, position } of rows) {
        const at = dialect.fromTime(joined_at);
        kept.set(keys.member(conversationId, userId), { conversationId, userId, at, position });
      }
    }
  }
  return kept;
};

const peopleOf = async (trx: Trx, dialect: Dialect, changes: Of<'person'>[]): Promise<Kept['people']> => {
  const kept: Kept['people'] = new Map();
  for (const some of inLists([...new Set(changes.map(({ id }) => id))])) {
    const rows = await trx.selectFrom('analytics_people').selectAll().where('user_id', 'in', some).execute();
    for (const { user_id: id, registered_at, placeholder, rev } of rows)
      kept.set(id, { id, at: dialect.fromTime(registered_at), isPlaceholder: placeholder === 1, rev });
  }
  return kept;
};

const conversationsOf = async (trx: Trx, dialect: Dialect, ids: string[]): Promise<Kept['conversations']> => {
  const kept: Kept['conversations'] = new Map();
  for (const some of inLists([...new Set(ids)])) {
    const rows = await trx
      .selectFrom('analytics_conversations')
      .selectAll()
      .where('conversation_id', 'in', some)
      .execute();
    for (const row of rows) {
      const { conversation_id: id, waiting_user_id: userId, waiting_since: since, position } = row;
      const waiting = userId && since ? { userId, since: dialect.fromTime(since) } : null;
      kept.set(id, { id, isGroup: row.is_group === 1, waiting, position });
    }
  }
  return kept;
};

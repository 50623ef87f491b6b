// Addresses that post into conversations.
import { type Database, transaction } from '../sql/database.ts';
import type { IncomingHooks, StoredIncoming } from './port.ts';
import { hooksRow, type IncomingTable, type WebhookTables } from './tables.ts';

const shownMax = 1_000;

export const incomingPart = (db: Database<WebhookTables>): IncomingHooks => {
  const { dialect, read } = db;
  const hookOf = (row: IncomingTable): StoredIncoming => ({
    id: row.id,
    name: row.name,
    botId: row.bot_id,
    conversationId: row.conversation_id,
    isDisabled: row.is_disabled === 1,
    createdBy: row.created_by,
    createdAt: dialect.fromTime(row.created_at),
    lastUsedAt: row.last_used_at === null ? null : dialect.fromTime(row.last_used_at),
  });

  return {
    createIncoming: (hook, { secretHash, max }) =>
      transaction(db, async (trx) => {
        const lock = trx.selectFrom('webhook_version').select('version').where('name', '=', hooksRow);
        await (dialect.locksRows ? lock.forUpdate() : lock).execute();
        const there = await trx
          .selectFrom('incoming_hooks')
          .select('id')
          .where('conversation_id', '=', hook.conversationId)
          .execute();
        if (there.length >= max) return 'full';
        await trx
          .insertInto('incoming_hooks')
          .values({
            id: hook.id,
            name: hook.name,
            bot_id: hook.botId,
            conversation_id: hook.conversationId,
            secret_hash: secretHash,
            is_disabled: Number(hook.isDisabled),
            created_by: hook.createdBy,
            created_at: dialect.toTime(hook.createdAt),
            last_used_at: null,
          })
          .execute();
        return 'made';
      }),
    incoming: async (id) => {
      const row = await read.selectFrom('incoming_hooks').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? { ...hookOf(row), secretHash: row.secret_hash } : null;
    },
    incomingOf: async (asked) => {
      if ('botIds' in asked && asked.botIds.length === 0) return [];
      const all = read.selectFrom('incoming_hooks').selectAll().orderBy('created_at').orderBy('id');
      const rows = await ('botIds' in asked
        ? all.where('bot_id', 'in', asked.botIds)
        : all.where('conversation_id', '=', asked.conversationId)
      )
        .limit(shownMax)
        .execute();
      return rows.map(hookOf);
    },
    changeIncoming: async (id, { name, isDisabled, secretHash }) => {
      const values = {
        ...(name !== undefined && { name }),
        ...(isDisabled !== undefined && { is_disabled: Number(isDisabled) }),
        ...(secretHash !== undefined && { secret_hash: secretHash }),
      };
      await db.write.updateTable('incoming_hooks').set(values).where('id', '=', id).execute();
      // Nothing may have changed in the row, which some databases do not count.
      const row = await read
        .selectFrom('incoming_hooks')
        .select('id')
        .where('id', '=', id)
        .executeTakeFirst();
      return row !== undefined;
    },
    touchIncoming: async (id, now) => {
      const last_used_at = dialect.toTime(now);
      await db.write.updateTable('incoming_hooks').set({ last_used_at }).where('id', '=', id).execute();
    },
    removeIncoming: async (id) => {
      const gone = await db.write.deleteFrom('incoming_hooks').where('id', '=', id).executeTakeFirst();
      return gone.numDeletedRows > 0n;
    },
  };
};

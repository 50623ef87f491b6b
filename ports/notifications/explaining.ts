// What was decided about a message, for whoever asks.
import type { Database } from '../sql/database.ts';
import type { Decided, NotificationExplaining } from './port.ts';
import { noticeOf } from './rows.ts';
import type { NotificationTables } from './tables.ts';

export const explainingPart = ({ read }: Database<NotificationTables>): NotificationExplaining => ({
  decided: async (messageId) => {
    const rows = await read
      .selectFrom('notification_decisions')
      .selectAll()
      .where('message_id', '=', messageId)
      .orderBy('at_ms')
      .execute();
    return rows.map(({ event_id: eventId, conversation_id: conversationId, at_ms: atMs, body }) => ({
      eventId,
      messageId,
      conversationId,
      atMs,
      ...(JSON.parse(body) as Pick<Decided, 'notTold' | 'rest'>),
    }));
  },
  notices: async (messageId, userId) => {
    const rows = await read
      .selectFrom('notification_notices')
      .selectAll()
      .where('message_id', '=', messageId)
      .where('user_id', '=', userId)
      .where('form', 'in', ['notice', 'digest'])
      .orderBy('made_ms')
      .orderBy('id')
      .execute();
    return rows.map(noticeOf);
  },
});

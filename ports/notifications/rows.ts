// Notices as rows and back.
import type { SqlValue } from '../sql/sqlite-protocol.ts';
import type { Notice, PushSubscription } from './port.ts';
import type { NoticeTable, NotificationTables } from './tables.ts';

export const noticeColumns = [
  'id',
  'form',
  'user_id',
  'conversation_id',
  'message_id',
  'position',
  'kind',
  'channel',
  'session_id',
  'due_ms',
  'lease',
  'attempts',
  'state',
  'reason',
  'made_ms',
  'settled_ms',
] as const satisfies readonly (keyof NoticeTable)[];

export const noticeValues = (notice: Notice): SqlValue[] => [
  notice.id,
  notice.form,
  notice.userId,
  notice.conversationId,
  notice.messageId,
  notice.position,
  notice.kind,
  notice.channel,
  notice.sessionId ?? '',
  notice.dueMs,
  null,
  notice.attempts,
  notice.state,
  notice.reason,
  notice.madeMs,
  notice.settledMs,
];

export const noticeOf = (row: NoticeTable): Notice =>
  ({
    id: row.id,
    form: row.form,
    userId: row.user_id,
    conversationId: row.conversation_id,
    messageId: row.message_id,
    position: row.position,
    kind: row.kind,
    channel: row.channel,
    sessionId: row.session_id || null,
    dueMs: row.due_ms,
    attempts: row.attempts,
    state: row.state,
    reason: row.reason,
    madeMs: row.made_ms,
    settledMs: row.settled_ms,
  }) as Notice;

export const subscriptionOf = (row: NotificationTables['notification_subscriptions']): PushSubscription => ({
  id: row.id,
  userId: row.user_id,
  sessionId: row.session_id,
  endpoint: row.endpoint,
  p256dh: row.p256dh,
  auth: row.auth,
  createdMs: row.created_ms,
  lastSentMs: row.last_sent_ms,
});

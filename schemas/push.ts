// What a push carries from the server to the service worker of a browser. Ids only, unless the person chose to see more.
// Read by hand and not by a validator: the worker stays small, and an older one meets what a newer server says.

export type PushReason = 'direct' | 'mention' | 'keyword' | 'group';
const pushReasons: readonly PushReason[] = ['direct', 'mention', 'keyword', 'group'];

/** Messages of one conversation. */
export type MessagePush = {
  type: 'messages';
  /** The same whenever it is sent again. */
  id: string;
  /** Whose notice it is: another account of the same browser must not see it. */
  userId: string;
  conversationId: string;
  /** The one to open. */
  messageId: string;
  reason: PushReason;
  /** How many messages this notice is about. */
  count: number;
  /** Who wrote, and where; only where the person chose to see names and texts. */
  title?: string;
  body?: string;
};
/** Somebody tries whether it works. */
export type TestPush = { type: 'test'; id: string; userId: string };
export type PushPayload = MessagePush | TestPush;

/** Null: nothing that we know. */
export const readPush = (value: unknown): PushPayload | null => {
  if (typeof value !== 'object' || value === null) return null;
  const { type, id, userId, conversationId, messageId, reason, count, title, body } = value as Record<
    string,
    unknown
  >;
  if (typeof id !== 'string' || typeof userId !== 'string') return null;
  if (type === 'test') return { type, id, userId };
  if (type !== 'messages' || typeof conversationId !== 'string' || typeof messageId !== 'string') return null;
  return {
    type,
    id,
    userId,
    conversationId,
    messageId,
    reason: pushReasons.find((one) => one === reason) ?? 'group',
    count: typeof count === 'number' && count >= 1 ? Math.floor(count) : 1,
    ...(typeof title === 'string' && { title }),
    ...(typeof body === 'string' && { body }),
  };
};

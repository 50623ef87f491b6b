// What a push carries from the server to the service worker of a browser. Ids only, unless the person chose to see more.
// Read by hand and not by a validator: the worker stays small, and an older one meets what a newer server says.

const pushReasons = ['direct', 'mention', 'keyword', 'group', 'reaction'] as const;
export type PushReason = (typeof pushReasons)[number];

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
  /** Its place: whoever has read up to there need not be told any more. */
  position: string;
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
  const given = value as Record<string, unknown>;
  const words = (...names: string[]) => names.every((name) => typeof given[name] === 'string');
  if (!words('type', 'id', 'userId')) return null;
  const { type, id, userId, conversationId, messageId, position, count, title, body } = given as MessagePush;
  if ((type as string) === 'test') return { type: 'test', id, userId };
  if (type !== 'messages' || !words('conversationId', 'messageId', 'position')) return null;
  return {
    ...{ type, id, userId, conversationId, messageId, position },
    reason: pushReasons.find((one) => one === given.reason) ?? 'group',
    count: typeof count === 'number' && count >= 1 ? Math.floor(count) : 1,
    ...(words('title') && { title: title as string }),
    ...(words('body') && { body: body as string }),
  };
};

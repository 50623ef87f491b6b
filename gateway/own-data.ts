// Everything of a person's own, for themselves to take away: lines of JSON, made while they are read, a page of one
// conversation at a time.
import type { Accounts } from '../ports/accounts/port.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal } from '../schemas/refusal.ts';
import type { Conversation, Message } from '../schemas/views.ts';
import { type FactSources, factsOf } from './auth/facts.ts';
import type { Chat } from './chat.ts';
import type { MediaDoor } from './media/media.ts';
import type { Notifications } from './notifications.ts';

export type OwnDataOptions = {
  accounts: Pick<Accounts, 'byId'> & FactSources;
  chat: Pick<Chat, 'conversations' | 'history'>;
  notifications: Pick<Notifications, 'preferences' | 'subscriptions'>;
  media: Pick<MediaDoor, 'ofOwner'>;
  now?: () => number;
};

/** Of a conversation what is one's own business: that one is in it, and how far one has read. */
const membershipOf = ({ id, isGroup, name, members }: Conversation, userId: string) => {
  const own = members.find((member) => member.userId === userId);
  const others = isGroup ? [] : members.filter((member) => member !== own).map((member) => member.userId);
  return { id, isGroup, name, ...own, ...(isGroup ? {} : { with: others }) };
};

/**
 * JSON lines: `ownData` first, then `account`, `session`, `personal`, `notifications`, `pushDevice`, `media`, and for each
 * conversation `membership` with its `message` and `reaction` lines, last `end`. A download without `end` is not whole.
 */
export async function* ownData(options: OwnDataOptions, userId: string): AsyncGenerator<string> {
  const { accounts, chat, notifications, media, now = Date.now } = options;
  const time = new Date(now()).toISOString();
  const account = await accounts.byId(userId);
  if (!account) return;
  const line = (value: object): string => `${JSON.stringify(value)}\n`;
  yield line({ ownData: { version: 1, userId, at: time } });
  for (const fact of await factsOf(accounts, account, time)) yield line(fact);
  yield line({ notifications: await notifications.preferences(userId) });
  for (const subscription of await notifications.subscriptions({ userId, sessionId: '' }))
    yield line({ pushDevice: subscription });
  for await (const one of media.ofOwner(userId)) yield line({ media: one });
  for (let cursor: string | undefined; ; ) {
    const request = { limit: limits.pageSizeMax, ...(cursor === undefined ? {} : { cursor }) };
    const page = await chat.conversations(userId, request);
    if (isRefusal(page)) throw new Error(page.detail);
    for (const conversation of page.items) {
      yield line({ membership: membershipOf(conversation, userId) });
      for await (const message of messagesOf(chat, userId, conversation.id)) {
        if (message.senderId === userId) yield line({ message });
        for (const { emoji, userIds } of message.reactions)
          if (userIds.includes(userId)) yield line({ reaction: { messageId: message.id, emoji } });
      }
    }
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  yield line({ end: { at: new Date(now()).toISOString() } });
}

async function* messagesOf(
  chat: OwnDataOptions['chat'],
  userId: string,
  conversationId: string,
): AsyncGenerator<Message> {
  for (let after = '0'; ; ) {
    const page = await chat.history(userId, conversationId, { after, limit: limits.pageSizeMax });
    // Left or removed meanwhile.
    if (isRefusal(page)) return;
    yield* page.items;
    const last = page.items.at(-1);
    if (!last || page.nextCursor === null) return;
    after = last.position;
  }
}

// The way to tell people by e-mail: one mail of what is unread in one conversation, one a day of what is unread everywhere.
// What is unread is asked of history when it is sent.
import type { AccountMail } from '../../ports/accounts/port.ts';
import { isOutsideError, OutsideError } from '../../ports/errors.ts';
import type { HistoryReader, ListedConversation } from '../../ports/history/port.ts';
import type { Mail, Mailer } from '../../ports/mail/port.ts';
import { unsubscribeToken } from '../../ports/mail/unsubscribe.ts';
import type { Channel, Delivered, Due } from '../../ports/notifications/port.ts';
import type { MailKind } from '../../schemas/mail.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { plainWords } from '../push/saying.ts';
import { linksOf } from './account-pages.ts';
import { type DigestEntry, digestPage, type Missed, missedPage, testPage } from './notice-pages.ts';
import { type MailPage, printed } from './page.ts';
import { type Recipient, type RecipientSources, recipientsOf, takesMail } from './recipients.ts';
import { momentIn, wordsOf } from './words.ts';

export type MailChannelOptions = {
  accounts: RecipientSources & Pick<AccountMail, 'addressBounced'>;
  history: Pick<HistoryReader, 'messages' | 'listed' | 'users'>;
  mailer: Pick<Mailer, 'send'>;
  /** Where people reach the product: https://chat.example.org */
  origin: () => string;
  /** Right of the @ in the ids of mails. */
  host: string;
  /** Signs the links by which no more mails come. */
  secret: string;
  now?: () => number;
};

/** The newest of a conversation's messages that a mail quotes. */
const quotedMax = 8;

export const mailChannel = (options: MailChannelOptions): Channel => {
  const { accounts, history, mailer, origin, host, secret, now = Date.now } = options;
  const { confirmed } = recipientsOf(accounts);

  const nameOf = (
    { conversation, members }: ListedConversation,
    userId: string,
    names: Map<string, string>,
  ): string => {
    if (conversation.isGroup) return conversation.name ?? '';
    const other = members.find((member) => member.userId !== userId) ?? members[0];
    return names.get(other?.userId ?? '') ?? '';
  };
  const namesOf = async (ids: Iterable<string>): Promise<Map<string, string>> => {
    const users = await history.users([...new Set(ids)]);
    return new Map(users.map(({ id, username }) => [id, username]));
  };
  const otherIn = ({ conversation, members }: ListedConversation, userId: string): string[] =>
    conversation.isGroup ? [] : members.map((one) => one.userId).filter((id) => id !== userId);

  const quoted = async (due: Due, found: ListedConversation, to: Recipient): Promise<Missed['content']> => {
    const stored = await history.messages(due.notices.map(({ messageId }) => messageId));
    const messages = stored
      .map(({ message }) => message)
      .filter(({ deletedAt, senderId }) => deletedAt === null && senderId !== due.userId)
      .sort((a, b) => a.position - b.position);
    const shown = messages.slice(-quotedMax);
    const names = await namesOf([...shown.map(({ senderId }) => senderId), ...otherIn(found, due.userId)]);
    const somebody = wordsOf(to.language).somebody;
    return {
      name: nameOf(found, due.userId, names) || (found.conversation.isGroup ? '' : somebody),
      messages: shown.map(({ senderId, content, createdAt }: MessageRow) => ({
        sender: names.get(senderId) ?? somebody,
        time: momentIn(to.language, due.preferences.timeZone, createdAt),
        text: plainWords(content),
      })),
      more: Math.max(0, found.unreadCount - shown.length),
    };
  };

  const missed = async (due: Due, to: Recipient): Promise<Missed | null> => {
    const { conversationId, notices, userId, preferences } = due;
    const [first] = notices;
    if (conversationId === null || !first) return null;
    const found = (await history.listed(userId, [conversationId])).get(conversationId);
    if (!found) return null;
    const reactions = notices.filter(({ kind }) => kind === 'reaction').length;
    const { unreadCount: unread, mentionCount: mentions } = found;
    if (unread === 0 && reactions === 0) return null;
    return {
      conversationId,
      messageId: first.messageId,
      isGroup: found.conversation.isGroup,
      unread,
      mentions,
      reactions,
      content: preferences.showContent ? await quoted(due, found, to) : null,
    };
  };

  const digest = async ({ notices, userId, preferences }: Due): Promise<DigestEntry[]> => {
    const ids = [...new Set(notices.map(({ conversationId }) => conversationId))];
    const found = [...(await history.listed(userId, ids)).values()].filter((one) => one.unreadCount > 0);
    const names = await namesOf(found.flatMap((one) => otherIn(one, userId)));
    const entries = found.map((one) => {
      const last = one.lastMessage?.message;
      const text = preferences.showContent && last?.deletedAt === null ? plainWords(last.content) : '';
      return {
        conversationId: one.conversation.id,
        name: nameOf(one, userId, names),
        unread: one.unreadCount,
        mentions: one.mentionCount,
        ...(text && { text }),
      };
    });
    return entries.sort((a, b) => b.mentions - a.mentions || b.unread - a.unread);
  };

  const written = async (due: Due, to: Recipient): Promise<Omit<Mail, 'to'> | null> => {
    const { id, form, userId, conversationId } = due;
    const [language, links] = [to.language, linksOf(origin())];
    const token = (kind: MailKind) => unsubscribeToken(secret, userId, kind);
    const mail = (page: MailPage, more: Partial<Mail> = {}) => ({
      messageId: `${id}.${form}@${host}`,
      ...printed(page),
      ...more,
    });
    const ended = (kind: MailKind) => ({ unsubscribeUrl: `${origin()}/api/unsubscribe/${token(kind)}` });
    if (form === 'test') return mail(testPage({ language, links }));
    if (form === 'digest') {
      const entries = await digest(due);
      if (entries.length === 0) return null;
      return mail(digestPage({ language, links, token: token('digest') }, entries), ended('digest'));
    }
    const what = form === 'notice' ? await missed(due, to) : null;
    if (!what) return null;
    return mail(missedPage({ language, links, token: token('missed') }, what), {
      ...ended('missed'),
      // No mail has this id: it is what all of one conversation have in common.
      references: [`${conversationId}.${userId}.conversation@${host}`],
    });
  };

  return {
    name: 'email',
    reaches: async (userIds) => {
      const states = await accounts.mailStates(userIds);
      return new Set([...states].filter(([, state]) => takesMail(state)).map(([id]) => id));
    },
    deliver: async (due): Promise<Delivered> => {
      const to = await confirmed(due.userId);
      if (!to) return 'gone';
      const mail = await written(due, to);
      if (!mail) return 'nothing_to_send';
      const { address } = to.state;
      try {
        const outcome = await mailer.send({ ...mail, to: address });
        if (outcome.kind === 'sent') return 'sent';
        const time = new Date(now()).toISOString();
        await accounts.addressBounced({ userId: due.userId, address, reason: outcome.reason, now: time });
        return 'gone';
      } catch (error) {
        // What the server holds against us is mended by whoever looks after the installation: nobody's mail is lost over it.
        if (isOutsideError(error) && error.retry === 'never')
          throw new OutsideError(error.code, 'later', error.message, error);
        throw error;
      }
    },
  };
};

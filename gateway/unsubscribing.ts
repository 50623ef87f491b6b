// A mail's link by which no more of its kind come. It needs no sign-in: whoever can read the mail may end it.
import type { Accounts } from '../ports/accounts/port.ts';
import { readUnsubscribeToken } from '../ports/mail/unsubscribe.ts';
import type { MailKind, Unsubscribed } from '../schemas/mail.ts';
import { type NotificationPreferencesBody, noticeKinds } from '../schemas/notifications.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { Notifications } from './notifications.ts';

export type UnsubscribingOptions = {
  secret: string;
  accounts: Pick<Accounts, 'byId'>;
  notifications: Pick<Notifications, 'setPreferences'>;
};

export type Unsubscribing = (token: string) => Promise<Unsubscribed | Refusal>;

const without: Record<MailKind, NotificationPreferencesBody> = {
  missed: { kinds: Object.fromEntries(noticeKinds.map((kind) => [kind, { email: false }])) },
  digest: { digest: null },
};

export const openUnsubscribing =
  ({ secret, accounts, notifications }: UnsubscribingOptions): Unsubscribing =>
  async (token) => {
    const read = readUnsubscribeToken(secret, token);
    if (!read) return refuse('not_found', 'This link is not one of ours.');
    const { userId, kind } = read;
    // Of an account that is gone nothing is sent, and nothing is kept.
    const account = await accounts.byId(userId);
    if (account && account.passwordHash !== null) {
      const done = await notifications.setPreferences(userId, without[kind]);
      if (isRefusal(done)) return done;
    }
    return { kind };
  };

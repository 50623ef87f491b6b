// From a letter that waits to the mail: who gets it is looked up when it is sent, so that nothing goes to an address that
// is not the person's any more.
import type { AccountMail, Accounts, Letter, MailTokenPurpose } from '../../ports/accounts/port.ts';
import type { Mailer } from '../../ports/mail/port.ts';
import type { RateLimit } from '../../ports/rate-limit/port.ts';
import { deviceName } from '../../schemas/device-name.ts';
import {
  addressChangedPage,
  linksOf,
  newDevicePage,
  passwordChangedPage,
  resetPage,
  verifyPage,
} from './account-pages.ts';
import { type MailPage, printed } from './page.ts';
import { type Recipient, recipientsOf } from './recipients.ts';
import { newToken } from './tokens.ts';
import { languageOf, momentIn } from './words.ts';

export type LetterOptions = {
  accounts: Pick<Accounts, 'byId' | 'byUsername'> & AccountMail;
  mailer: Pick<Mailer, 'send'>;
  rate: Pick<RateLimit, 'take'>;
  /** Where people reach the product: https://chat.example.org */
  origin: () => string;
  /** Right of the @ in the ids of mails. */
  host: string;
  /** In which a person reads times. */
  timeZoneOf: (userId: string) => Promise<string>;
  /** Never an address or a token in it. */
  onSecurityEvent?: (event: { event: string; userId: string | null; kind: string }) => void;
  now?: () => number;
};

/** For one kind of mail to one address. Whoever asks again and again gets no more than this. */
const perAddress = { burst: 6, perSecond: 1 / 1200 };

export const openLetters = (options: LetterOptions) => {
  const { accounts, mailer, rate, host, timeZoneOf, onSecurityEvent, now = Date.now } = options;
  const iso = (ms: number) => new Date(ms).toISOString();

  const { recipient, confirmed } = recipientsOf(accounts);

  const makeToken = (userId: string, purpose: MailTokenPurpose, address: string): Promise<string> =>
    newToken(accounts, { userId, purpose, address, nowMs: now() });

  /** `page` is made only when the mail may be sent. */
  const send = async (
    mail: { id: string; kind: string; to: string; userId: string },
    page: () => MailPage | Promise<MailPage>,
  ): Promise<void> => {
    const { id, kind, to, userId } = mail;
    const taken = await rate.take({ key: `mail:${kind}:${to.toLowerCase()}`, ...perAddress });
    if (!taken.ok) return onSecurityEvent?.({ event: 'mail_not_sent_too_many', userId, kind });
    const outcome = await mailer.send({ messageId: `${id}@${host}`, to, ...printed(await page()) });
    if (outcome.kind === 'sent') return onSecurityEvent?.({ event: 'mail_sent', userId, kind });
    onSecurityEvent?.({ event: 'mail_refused', userId, kind });
    await accounts.addressBounced({ userId, address: to, reason: outcome.reason, now: iso(now()) });
  };

  const verify = async ({ id, kind, userId, content }: Letter): Promise<void> => {
    const found = userId === null ? null : await recipient(userId);
    if (!found) return;
    const { account, state, language } = found;
    const { address } = state;
    // Another one by now, or confirmed already.
    if (address !== content.address || (state.verifiedAt && !state.bouncedAt)) return;
    await send({ id, kind, to: address, userId: account.user.id }, async () => {
      const token = await makeToken(account.user.id, 'verify', address);
      return verifyPage({ language, links: linksOf(options.origin()), token });
    });
  };

  const reset = async ({ id, kind, content }: Letter): Promise<void> => {
    const { username, email } = content;
    const named = username === undefined ? null : await accounts.byUsername(username.normalize('NFC'));
    const userIds = email === undefined ? [] : await accounts.confirmedWith(email);
    for (const userId of named ? [named.user.id, ...userIds] : userIds) {
      const found = await confirmed(userId);
      // Whoever has only found an open session cannot make an account theirs by an address of their own.
      if (!found?.state.isProven) continue;
      const { address } = found.state;
      await send({ id: `${id}.${userId}`, kind, to: address, userId }, async () => {
        const token = await makeToken(userId, 'reset', address);
        const { username: name } = found.account.user;
        return resetPage({ language: found.language, links: linksOf(options.origin()), name, token });
      });
    }
  };

  const addressChanged = async ({ id, kind, userId, content, madeAt }: Letter): Promise<void> => {
    const account = userId === null ? null : await accounts.byId(userId);
    if (!account || !userId || content.former === undefined) return;
    const language = languageOf(account, (await accounts.mailLanguages([userId])).get(userId));
    const moment = momentIn(language, await timeZoneOf(userId), madeAt);
    const { username: name } = account.user;
    await send({ id, kind, to: content.former, userId }, () =>
      addressChangedPage({
        language,
        links: linksOf(options.origin()),
        name,
        address: content.address ?? null,
        moment,
      }),
    );
  };

  const told = async (
    { id, kind, userId, madeAt }: Letter,
    page: (to: Recipient & { moment: string }) => MailPage,
  ): Promise<void> => {
    const found = await confirmed(userId);
    if (!found) return;
    const { account, state, language } = found;
    const moment = momentIn(language, await timeZoneOf(account.user.id), madeAt);
    await send({ id, kind, to: state.address, userId: account.user.id }, () => page({ ...found, moment }));
  };

  const kinds: Record<string, (letter: Letter) => Promise<void>> = {
    verify,
    reset,
    address_changed: addressChanged,
    password_changed: (letter) =>
      told(letter, ({ language, account, moment }) =>
        passwordChangedPage({
          language,
          links: linksOf(options.origin()),
          name: account.user.username,
          moment,
        }),
      ),
    new_device: (letter) =>
      told(letter, ({ language, account, moment }) =>
        newDevicePage({
          language,
          links: linksOf(options.origin()),
          name: account.user.username,
          device: deviceName(letter.content.device ?? '').name,
          moment,
        }),
      ),
  };

  return {
    /** Resolves when there is nothing more to do about it. Throws OutsideError: to be tried again. */
    deliver: async (letter: Letter): Promise<void> => {
      const of = kinds[letter.kind];
      if (!of) throw new Error(`there is no mail of the kind ${letter.kind}`);
      await of(letter);
    },
  };
};

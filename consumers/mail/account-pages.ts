// The mails about an account, as pages.
import type { MailLanguage, MailPage } from './page.ts';
import { wordsOf } from './words.ts';

/** Links into the client. What lies behind `#` is sent to no server, and so is in nobody's log. */
export const linksOf = (origin: string) => ({
  home: `${origin}/`,
  confirm: (token: string) => `${origin}/#/confirm-email/${token}`,
  reset: (token: string) => `${origin}/#/reset-password/${token}`,
  forgot: `${origin}/#/forgot-password`,
  devices: `${origin}/#/settings/devices`,
  account: `${origin}/#/settings/account`,
  notifications: `${origin}/#/settings/notices`,
  conversation: (id: string, messageId?: string) =>
    `${origin}/#/c/${id}${messageId ? `/m/${messageId}` : ''}`,
  unsubscribe: (token: string) => `${origin}/#/unsubscribe/${token}`,
});
export type Links = ReturnType<typeof linksOf>;

type To = { language: MailLanguage; links: Links };
type Named = To & { name: string };

/** To an address of which nobody knows whose it is: nothing in it is of somebody else's making. */
export const verifyPage = ({ language, links, token }: To & { token: string }): MailPage => {
  const words = wordsOf(language);
  const { subject, preview, text, button, after } = words.verify;
  return {
    language,
    subject,
    preview,
    paragraphs: [text],
    button: { label: button, href: links.confirm(token) },
    after: [after, words.ignore],
    footer: [],
  };
};

export const resetPage = ({ language, links, name, token }: Named & { token: string }): MailPage => {
  const words = wordsOf(language);
  const { subject, preview, text, button, after, ignore } = words.reset;
  return {
    language,
    subject,
    preview,
    paragraphs: [words.hello(name), text(name)],
    button: { label: button, href: links.reset(token) },
    after: [after, ignore],
    footer: [words.why],
  };
};

export const passwordChangedPage = ({
  language,
  links,
  name,
  moment,
}: Named & { moment: string }): MailPage => {
  const words = wordsOf(language);
  const { subject, preview, text, notYou, button } = words.passwordChanged;
  return {
    language,
    subject,
    preview,
    paragraphs: [words.hello(name), text(name, moment), notYou],
    button: { label: button, href: links.forgot },
    footer: [words.why],
  };
};

export const newDevicePage = (to: Named & { device: string; moment: string }): MailPage => {
  const { language, links, name, device, moment } = to;
  const words = wordsOf(language);
  const { subject, preview, text, device: deviceWord, time, notYou, button } = words.newDevice;
  return {
    language,
    subject,
    preview,
    paragraphs: [words.hello(name), text(name)],
    facts: [
      { name: deviceWord, value: device },
      { name: time, value: moment },
    ],
    button: { label: button, href: links.devices },
    after: [notYou],
    footer: [words.why],
  };
};

/** Enough to know one's own address again, and not to learn somebody else's. */
const masked = (address: string): string => address.replace(/^(.)[^@]*/u, '$1•••');

export const addressChangedPage = (to: Named & { address: string | null; moment: string }): MailPage => {
  const { language, links, name, address, moment } = to;
  const words = wordsOf(language);
  const { subject, preview, text, now, none, notYou, button } = words.addressChanged;
  return {
    language,
    subject,
    preview,
    paragraphs: [words.hello(name), text(name, moment)],
    facts: [{ name: now, value: address === null ? none : masked(address) }],
    button: { label: button, href: links.account },
    after: [notYou],
    footer: [],
  };
};

// The mails about messages that were not read, as pages. Without names and texts unless the person chose to see them; a
// digest has names, since it would say nothing without.
import type { Links } from './account-pages.ts';
import type { MailLanguage, MailPage } from './page.ts';
import { wordsOf } from './words.ts';

type To = { language: MailLanguage; links: Links };
/** With the link by which no more of them come. */
type Ended = To & { token: string };

export type MissedMessage = { sender: string; time: string; text: string };
export type Missed = {
  conversationId: string;
  /** The first that was not read. */
  messageId: string;
  isGroup: boolean;
  unread: number;
  mentions: number;
  reactions: number;
  /** Null: neither names nor texts. `name`: of the group, or of the other person. */
  content: { name: string; messages: MissedMessage[]; more: number } | null;
};

export type DigestEntry = {
  conversationId: string;
  name: string;
  unread: number;
  mentions: number;
  /** Of the newest message, for who chose to see it. */
  text?: string;
};

const footerOf = ({ language, links, token }: Ended, kind: 'missed' | 'digest') => {
  const words = wordsOf(language);
  return {
    footer: [words.settings],
    links: [
      { label: words.settingsLink, href: links.notifications },
      { label: words.unsubscribe[kind], href: links.unsubscribe(token) },
    ],
  };
};

export const missedPage = (to: Ended, missed: Missed): MailPage => {
  const { language, links } = to;
  const words = wordsOf(language);
  const { missed: said } = words;
  const { conversationId, messageId, isGroup, unread, mentions, reactions, content } = missed;
  const subject = content
    ? (isGroup ? said.subjectIn : said.subjectFrom)(content.name || words.unnamedGroup)
    : said.subject;
  const count = unread > 0 ? [(isGroup ? said.group : said.direct)(unread)] : [];
  const entries = content?.messages.map(({ sender, time, text }) => ({
    title: sender,
    aside: time,
    text: text || `(${said.file})`,
  }));
  return {
    language,
    subject,
    preview: said.preview,
    paragraphs: [
      ...count,
      ...(mentions > 0 ? [said.mentions(mentions)] : []),
      ...(reactions > 0 ? [said.reactions(reactions)] : []),
    ],
    ...(entries && entries.length > 0 && { entries }),
    button: { label: said.button, href: links.conversation(conversationId, messageId) },
    after: content && content.more > 0 ? [said.more(content.more)] : [],
    ...footerOf(to, 'missed'),
  };
};

const entriesMax = 20;

export const digestPage = (to: Ended, entries: DigestEntry[]): MailPage => {
  const { language, links } = to;
  const words = wordsOf(language);
  const { digest } = words;
  const count = entries.reduce((sum, { unread }) => sum + unread, 0);
  const left = entries.length - entriesMax;
  return {
    language,
    subject: digest.subject(count),
    title: digest.title,
    preview: digest.preview,
    paragraphs: [],
    entries: entries.slice(0, entriesMax).map(({ conversationId, name, unread, mentions, text }) => ({
      title: name || words.unnamedGroup,
      aside: [digest.unread(unread), ...(mentions > 0 ? [digest.mentions(mentions)] : [])].join(' · '),
      href: links.conversation(conversationId),
      ...(text && { text }),
    })),
    button: { label: digest.button, href: links.home },
    after: left > 0 ? [digest.more(left)] : [],
    ...footerOf(to, 'digest'),
  };
};

export const testPage = ({ language, links }: To): MailPage => {
  const words = wordsOf(language);
  const { subject, preview, text, button } = words.test;
  return {
    language,
    subject,
    preview,
    paragraphs: [text],
    button: { label: button, href: links.home },
    footer: [words.settings],
    links: [{ label: words.settingsLink, href: links.notifications }],
  };
};

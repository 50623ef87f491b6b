// A mail as nodemailer takes it, the same for every adapter. What people have written cannot get out of its place: a
// subject is one line, an address is one address, and ids and links are ours.
import type { SendMailOptions } from 'nodemailer';
import type { Mail, MailOutcome, Sender } from './port.ts';

const subjectLengthMax = 200;

/** Controls, line ends of all kinds, and what turns the direction of writing around. */
const notOnALine = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

export const lineOf = (text: string): string => {
  // What looks like an encoded word would be decoded on the other side, to who knows what.
  const line = text.replace(notOnALine, ' ').replace(/=\?/g, '= ?').replace(/ {2,}/g, ' ').trim();
  return [...line].slice(0, subjectLengthMax).join('');
};

/** One address, with nothing about it that could be read as two, or as a name or a comment. */
const address = /^[^\s\p{C}()<>[\]:;,@\\"]{1,64}@[^\s\p{C}()<>[\]:;,@\\"]{1,255}$/u;

export const noAddress: MailOutcome = { kind: 'refused', reason: 'This is no address.' };
export const isAddress = (text: string): boolean => address.test(text);

export const messageOf = (mail: Mail, from: Sender): SendMailOptions => {
  const { messageId, to, subject, text, html, references = [], unsubscribeUrl } = mail;
  const last = references.at(-1);
  return {
    messageId: `<${messageId}>`,
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject: lineOf(subject),
    text,
    html,
    ...(last && { inReplyTo: `<${last}>`, references: references.map((id) => `<${id}>`) }),
    headers: {
      // Nobody's absence note answers it.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(unsubscribeUrl && {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
};

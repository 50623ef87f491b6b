// A history as a table (RFC 4180), one message a row, in UTF-8 that spreadsheets recognise. No cell can become a formula.

import type { TimeText } from './times.ts';
import type { Telling } from './told.ts';

const columns = [
  'conversation_id',
  'conversation',
  'message_id',
  'time',
  'time_utc',
  'from',
  'from_id',
  'text',
  'edited',
  'deleted',
  'answers',
  'attachments',
  'reactions',
];

const byteOrderMark = '\ufeff';

/** A spreadsheet runs what begins like this; an apostrophe makes it text. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/u;

export const cell = (value: string): string => {
  const text = formula.test(value.trimStart()) || formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const row = (cells: string[]): string => `${cells.map((value) => cell(value)).join(',')}\r\n`;

export const csvTelling = (time: TimeText): Telling => ({
  begin: () => byteOrderMark + row(columns),
  conversation: () => '',
  message: (message, { id, title }) =>
    row([
      id,
      title,
      message.id,
      time(message.at),
      message.at,
      message.from,
      message.fromId,
      message.text,
      message.isEdited ? 'yes' : '',
      message.isDeleted ? 'yes' : '',
      message.answers?.from ?? '',
      message.attachments.join('; '),
      message.reactions.map(({ emoji, from }) => `${emoji} ${from.join(' ')}`).join('; '),
    ]),
  conversationEnd: () => '',
  end: () => '',
});

// A history as a table (RFC 4180), one message a row, in UTF-8 that spreadsheets recognise. No cell can become a formula.

import type { TimeText } from './times.ts';
import type { Telling, ToldConversation, ToldMessage } from './told.ts';

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
] as const;

const byteOrderMark = '\ufeff';

/** A spreadsheet runs what begins like this; an apostrophe makes it text. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/u;

export const cell = (value: string): string => {
  const text = formula.test(value.trimStart()) || formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const row = (cells: readonly string[]): string => `${cells.map((value) => cell(value)).join(',')}\r\n`;

const messageCells = (message: ToldMessage, { id, title }: ToldConversation, time: TimeText): string[] => [
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
];

export const csvTelling = (time: TimeText): Telling => ({
  begin: () => byteOrderMark + row(columns),
  conversation: () => '',
  message: (message, conversation) => row(messageCells(message, conversation, time)),
  reaction: () => '',
  conversationEnd: () => '',
  end: () => '',
});

/** Of a person: not only messages, so the first column says what a row is. */
export const personCsvTelling = (time: TimeText): Telling => {
  const other = (kind: string, cells: Partial<Record<(typeof columns)[number], string>>): string =>
    row([kind, ...columns.map((column) => cells[column] ?? '')]);
  const when = (at: string) => ({ time: time(at), time_utc: at });
  return {
    begin: (_, facts) =>
      byteOrderMark +
      row(['kind', ...columns]) +
      facts.map(([name, value]) => other('account', { text: `${name}: ${value}` })).join(''),
    conversation: ({ id, title, own }) => {
      const place = { conversation_id: id, conversation: title };
      const stays = (own?.stays ?? []).flatMap(({ from, until }) => [
        other('joined', { ...place, ...when(from) }),
        ...(until ? [other('left', { ...place, ...when(until) })] : []),
      ]);
      const read = own?.read;
      return [
        ...stays,
        ...(own?.isAdmin ? [other('admin', place)] : []),
        ...(read ? [other('read', { ...place, ...when(read.at), text: time(read.upTo) })] : []),
      ].join('');
    },
    message: (message, conversation) => row(['message', ...messageCells(message, conversation, time)]),
    reaction: ({ emoji, at, messageId, to }, { id, title }) =>
      other('reaction', {
        conversation_id: id,
        conversation: title,
        message_id: messageId,
        ...when(at),
        text: emoji,
        answers: to,
      }),
    conversationEnd: () => '',
    end: () => '',
  };
};

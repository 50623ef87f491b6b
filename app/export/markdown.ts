// A history as Markdown. What people wrote is quoted and escaped, so that none of it becomes a heading, a link or a tag.

import type { TimeText } from './times.ts';
import type { Telling, ToldBelonging } from './told.ts';

const special = /[\\`*_{}[\]()<>#+\-.!|~&:@$^=/]/g;
const quoteLength = 200;

/** Every character that any dialect of Markdown gives a meaning. */
export const escapedMarkdown = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(special, '\\$&');

const oneLine = (text: string): string => escapedMarkdown(text.replace(/\s+/gu, ' ').trim());

/** Line by line inside a quotation; leading white space would make code of it. */
const quoted = (text: string): string =>
  text
    .split(/\r\n|[\n\r\u2028\u2029]/u)
    .map(
      (line) =>
        `> ${line.match(/^\s*/u)?.[0].replace(/\s/gu, '&nbsp;') ?? ''}${escapedMarkdown(line.trim())}`,
    )
    .join('  \n');

const belongingLines = ({ stays, isAdmin, read }: ToldBelonging, time: TimeText): string[] => [
  ...stays.map(({ from, until }) => `- Member since ${time(from)}${until ? ` until ${time(until)}` : ''}`),
  ...(isAdmin ? ['- Admin'] : []),
  ...(read ? [`- Read up to what was sent ${time(read.upTo)}, last ${time(read.at)}`] : []),
];

export const markdownTelling = (time: TimeText, zone: string): Telling => ({
  begin: (title, facts) =>
    `# ${oneLine(title)}\n\n${[...facts, ['Time zone', zone]]
      .map(([name, value]) => `- ${oneLine(name as string)}: ${oneLine(value as string)}`)
      .join('\n')}\n`,
  conversation: ({ title, createdAt, members, own }) =>
    `\n## ${oneLine(title)}\n\n${time(createdAt)}, ${members
      .map(({ name, isAdmin }) => `${oneLine(name)}${isAdmin ? ' (admin)' : ''}`)
      .join(', ')}\n${own ? `\n${belongingLines(own, time).join('\n')}\n` : ''}`,
  message: (message) => {
    const { answers } = message;
    const head = `\n**${oneLine(message.from)}** ${time(message.at)}${message.isEdited ? ' *edited*' : ''}`;
    const answered = answers?.isDeleted
      ? ': *deleted*'
      : answers?.text
        ? `: ${oneLine([...answers.text].slice(0, quoteLength).join(''))}`
        : '';
    return [
      head,
      ...(answers ? [`\\\nanswers ${oneLine(answers.from)}${answered}`] : []),
      `\n\n${message.isDeleted ? '> *deleted*' : quoted(message.text)}\n`,
      ...message.attachments.map((name) => `\n- ${oneLine(name)}`),
      ...message.reactions.map(({ emoji, from }) => `\n- ${oneLine(emoji)} ${oneLine(from.join(', '))}`),
      message.attachments.length + message.reactions.length > 0 ? '\n' : '',
    ].join('');
  },
  reaction: ({ emoji, at, to, messageAt }) =>
    `\n${time(at)} reacted ${oneLine(emoji)} to what ${oneLine(to)} sent ${time(messageAt)}\n`,
  conversationEnd: () => '',
  end: () => '',
});

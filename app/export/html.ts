// A history as one HTML page: nothing is loaded, nothing runs, everything is escaped; it prints well and reads in the dark.
import { createHash } from 'node:crypto';
import type { TimeText } from './times.ts';
import type { Telling, ToldBelonging, ToldMessage } from './told.ts';

const style = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.25rem;margin:2rem 0 .25rem;border-bottom:1px solid #8886}
dl,.members{color:#777;font-size:.875rem;margin:0 0 1rem}dt{float:left;margin-right:.5rem}dd{margin:0}
article{margin:.75rem 0;break-inside:avoid}header{font-size:.875rem}header b{font-size:1rem;margin-right:.5rem}
time,.mark{color:#777}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
blockquote{margin:.25rem 0;padding-left:.5rem;border-left:3px solid #8886;color:#777;font-size:.875rem}
ul{margin:.25rem 0;padding-left:1.25rem;font-size:.875rem}.deleted{font-style:italic;color:#777}
@media print{body{max-width:none;padding:0}h2{break-before:page}h2:first-of-type{break-before:auto}}
`;

const hash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
const quoteLength = 200;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also without what no HTML page may hold. */
export const escapedHtml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] as string);

export const htmlTelling = (time: TimeText, zone: string): Telling => {
  const timeTag = (at: string) => `<time datetime="${escapedHtml(at)}">${escapedHtml(time(at))}</time>`;
  const body = ({ isDeleted, text }: ToldMessage) =>
    isDeleted ? '<p class="deleted">deleted</p>' : `<p dir="auto">${escapedHtml(text)}</p>`;
  const list = (items: string[]) =>
    items.length === 0
      ? ''
      : `<ul>${items.map((item) => `<li><bdi>${escapedHtml(item)}</bdi></li>`).join('')}</ul>`;
  const belonging = ({ stays, isAdmin, read }: ToldBelonging): string =>
    `<dl>${[
      ...stays.map(({ from, until }) => [
        'Member',
        `since ${timeTag(from)}${until ? ` until ${timeTag(until)}` : ''}`,
      ]),
      ...(isAdmin ? [['Admin', 'yes']] : []),
      ...(read ? [['Read', `up to what was sent ${timeTag(read.upTo)}, last ${timeTag(read.at)}`]] : []),
    ]
      .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
      .join('')}</dl>
`;
  return {
    begin: (title, facts) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapedHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1><bdi>${escapedHtml(title)}</bdi></h1>
<dl>${[...facts, ['Time zone', zone]]
      .map(
        ([name, value]) =>
          `<dt>${escapedHtml(name as string)}</dt><dd><bdi>${escapedHtml(value as string)}</bdi></dd>`,
      )
      .join('')}</dl>
`,
    conversation: ({ id, title, createdAt, members, own }) => `<section id="c-${escapedHtml(id)}">
<h2><bdi>${escapedHtml(title)}</bdi></h2>
<div class="members">${timeTag(createdAt)} ${members
      .map(({ name, isAdmin }) => `<bdi>${escapedHtml(name)}</bdi>${isAdmin ? ' (admin)' : ''}`)
      .join(', ')}</div>
${own ? belonging(own) : ''}`,
    message: (message) => {
      const { answers } = message;
      const quoted = answers?.isDeleted ? 'deleted' : clipped(answers?.text ?? '');
      const quote = answers
        ? `<blockquote><bdi>${escapedHtml(answers.from)}</bdi>${quoted ? `: <bdi>${escapedHtml(quoted)}</bdi>` : ''}</blockquote>`
        : '';
      const reactions = message.reactions.map(({ emoji, from }) => `${emoji} ${from.join(', ')}`);
      return `<article id="m-${escapedHtml(message.id)}"><header><b><bdi>${escapedHtml(message.from)}</bdi></b>${timeTag(message.at)}${
        message.isEdited ? ' <span class="mark">edited</span>' : ''
      }</header>${quote}${body(message)}${list(message.attachments)}${list(reactions)}</article>
`;
    },
    reaction: ({ emoji, at, to, messageAt }) =>
      `<p class="mark">${timeTag(at)} reacted <bdi>${escapedHtml(emoji)}</bdi> to what <bdi>${escapedHtml(to)}</bdi> sent ${timeTag(messageAt)}</p>
`,
    conversationEnd: () => '</section>\n',
    end: () => '</body>\n</html>\n',
  };
};

const clipped = (text: string): string => {
  const start = [...text.slice(0, quoteLength * 2)];
  return start.length > quoteLength ? `${start.slice(0, quoteLength).join('')}…` : start.join('');
};

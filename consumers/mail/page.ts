// How every mail looks: one page as HTML and as text. The HTML is a table with styles where mail programs keep them; it
// loads nothing, so that nobody learns when it is read. Whatever is put into it is escaped by Eta.
import { Eta } from 'eta';
import type { Mail } from '../../ports/mail/port.ts';

export type MailLanguage = 'en' | 'vi';

export type MailPage = {
  language: MailLanguage;
  subject: string;
  /** What lists of mails show beside the subject. */
  preview: string;
  /** As the subject when left out. */
  title?: string;
  paragraphs: string[];
  /** Names and what they have. */
  facts?: { name: string; value: string }[];
  /** Conversations, or messages. */
  entries?: { title: string; aside?: string; text?: string; href?: string }[];
  button?: { label: string; href: string };
  after?: string[];
  footer: string[];
  links?: { label: string; href: string }[];
};

const font = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', Helvetica, Arial, sans-serif";
const eta = new Eta({ autoEscape: true, autoTrim: [false, false] });

const html = eta.compile(`<!doctype html>
<html lang="<%= it.language %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title><%= it.subject %></title>
<style>
a { color: #0f766e; }
@media (prefers-color-scheme: dark) {
  .ground { background: #131918 !important; }
  .card { background: #1a2221 !important; border-color: #2d3937 !important; }
  .ink, .ink td { color: #e6edeb !important; }
  .soft, .soft td { color: #9fb0ab !important; }
  .line { border-color: #2d3937 !important; }
  .quote { background: #222c2a !important; color: #e6edeb !important; }
  .button { background: #5fd0c0 !important; color: #06231f !important; }
  .brand, a { color: #5fd0c0 !important; }
}
@media (max-width: 480px) {
  .card { padding: 24px 20px !important; border-radius: 0 !important; }
  .ground { padding: 0 !important; }
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f4f6f5;">
<div style="display:none;max-height:0;overflow:hidden;opacity:0;"><%= it.preview %></div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="ground" align="center" style="padding:32px 12px;background:#f4f6f5;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;font-family:${font};text-align:left;">
<tr><td class="card" style="padding:32px;background:#ffffff;border:1px solid #dde4e2;border-radius:16px;">
<p class="brand" style="margin:0 0 20px;font-size:15px;font-weight:700;letter-spacing:0.2px;color:#0f766e;">ChatVui</p>
<h1 class="ink" style="margin:0 0 16px;font-size:22px;line-height:1.3;font-weight:700;color:#16211f;"><%= it.title ?? it.subject %></h1>
<% for (const text of it.paragraphs) { %>
<p class="ink" style="margin:0 0 14px;font-size:16px;line-height:1.55;color:#16211f;"><%= text %></p>
<% } %>
<% if (it.facts) { %>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 18px;">
<% for (const fact of it.facts) { %>
<tr><td class="soft line" style="padding:10px 16px 10px 0;border-top:1px solid #dde4e2;font-size:15px;color:#55645f;white-space:nowrap;vertical-align:top;"><%= fact.name %></td>
<td class="ink line" width="100%" style="padding:10px 0;border-top:1px solid #dde4e2;font-size:15px;color:#16211f;word-break:break-word;"><%= fact.value %></td></tr>
<% } %>
</table>
<% } %>
<% if (it.entries) { %>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 18px;">
<% for (const entry of it.entries) { %>
<tr><td class="ink line" width="100%" style="padding:12px 12px 12px 0;border-top:1px solid #dde4e2;font-size:16px;line-height:1.4;color:#16211f;word-break:break-word;">
<% if (entry.href) { %><a href="<%= entry.href %>" style="font-weight:600;text-decoration:none;"><%= entry.title %></a><% } else { %><strong><%= entry.title %></strong><% } %></td>
<td class="soft line" align="right" style="padding:12px 0;border-top:1px solid #dde4e2;font-size:14px;color:#55645f;white-space:nowrap;vertical-align:top;"><%= entry.aside ?? '' %></td></tr>
<% if (entry.text) { %><tr><td class="ink" colspan="2" style="padding:0 0 12px;font-size:16px;line-height:1.4;color:#16211f;word-break:break-word;"><div class="quote" style="padding:8px 12px;border-radius:10px;background:#edf1f0;color:#16211f;white-space:pre-wrap;"><%= entry.text %></div></td></tr><% } %>
<% } %>
</table>
<% } %>
<% if (it.button) { %>
<p style="margin:22px 0;"><a class="button" href="<%= it.button.href %>" style="display:inline-block;padding:13px 22px;border-radius:10px;background:#0f766e;color:#ffffff;font-size:16px;font-weight:600;text-decoration:none;"><%= it.button.label %></a></p>
<% } %>
<% for (const text of it.after ?? []) { %>
<p class="soft" style="margin:0 0 10px;font-size:14px;line-height:1.5;color:#55645f;"><%= text %></p>
<% } %>
</td></tr>
<tr><td class="soft" style="padding:18px 32px;font-size:13px;line-height:1.5;color:#55645f;">
<% for (const text of it.footer) { %><p style="margin:0 0 6px;"><%= text %></p><% } %>
<% for (const link of it.links ?? []) { %><p style="margin:0 0 6px;"><a href="<%= link.href %>"><%= link.label %></a></p><% } %>
</td></tr>
</table>
</td></tr></table>
</body>
</html>
`);

const textOf = (page: MailPage): string => {
  const { subject, title = subject, paragraphs, facts = [], entries = [], button, after = [] } = page;
  const listed = entries.map(({ title: name, aside, text = '' }) => {
    const quoted = text === '' ? [] : text.split('\n').map((line) => `  > ${line}`);
    return [`- ${name}${aside ? ` (${aside})` : ''}`, ...quoted].join('\n');
  });
  const footer = [...page.footer, ...(page.links ?? []).map(({ label, href }) => `${label}: ${href}`)];
  const blocks = [
    title,
    ...paragraphs,
    facts.map(({ name, value }) => `${name}: ${value}`).join('\n'),
    listed.join('\n'),
    button ? `${button.label}:\n${button.href}` : '',
    ...after,
    // What stands below is no part of what is said; mail programs know it by this line.
    ['-- ', ...footer].join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
};

/** Controls, line ends of all kinds, and what turns the direction of writing around: a name could change the words beside it. */
const tricks = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const oneLine = (words: string): string => words.replace(tricks, ' ').trim();
const linesOf = (words: string): string =>
  words
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map(oneLine)
    .join('\n');

const harmless = ({ entries, ...page }: MailPage): MailPage => {
  const cleaned = <T>(value: T): T => {
    if (typeof value === 'string') return oneLine(value) as T;
    if (Array.isArray(value)) return value.map(cleaned) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cleaned(inner)])) as T;
  };
  // Only what people wrote in a message has lines of its own.
  const kept = entries?.map(({ text, ...entry }) => ({
    ...cleaned(entry),
    ...(text !== undefined && { text: linesOf(text) }),
  }));
  return { ...cleaned(page), ...(kept && { entries: kept }) };
};

export const printed = (page: MailPage): Pick<Mail, 'subject' | 'text' | 'html'> => {
  const clean = harmless(page);
  return {
    subject: clean.subject,
    text: textOf(clean),
    html: eta.render(html, clean),
  };
};

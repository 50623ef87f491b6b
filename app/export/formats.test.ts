// What people wrote stays what they wrote in every document, and can do nothing there.
import { describe, expect, it } from 'vitest';
import { cell, csvTelling } from './csv.ts';
import { escapedHtml, htmlTelling } from './html.ts';
import { escapedMarkdown, markdownTelling } from './markdown.ts';
import { timesIn } from './times.ts';
import type { Telling, ToldConversation, ToldMessage } from './told.ts';

const conversation: ToldConversation = {
  id: '00000000-0000-4000-8000-000000000001',
  title: 'Bếp & <b>bạn</b>',
  createdAt: '2026-01-31T23:30:00.000Z',
  members: [
    { name: 'an', isAdmin: true, joinedAt: '2026-01-31T23:30:00.000Z' },
    { name: '"bình"', isAdmin: false, joinedAt: '2026-01-31T23:30:00.000Z' },
  ],
  own: null,
};
const message: ToldMessage = {
  id: '00000000-0000-4000-8000-000000000002',
  at: '2026-01-31T23:30:05.000Z',
  from: 'an',
  fromId: '00000000-0000-4000-8000-000000000003',
  text: 'chào',
  isEdited: false,
  isDeleted: false,
  answers: null,
  attachments: [],
  reactions: [],
};
const time = timesIn('Asia/Ho_Chi_Minh');
const whole = (telling: Telling, ...messages: Partial<ToldMessage>[]): string =>
  [
    telling.begin('Tất cả', [['Exported', 'now']]),
    telling.conversation(conversation),
    ...messages.map((some) => telling.message({ ...message, ...some }, conversation)),
    telling.conversationEnd(),
    telling.end(),
  ].join('');

/** Cells of a CSV text by RFC 4180, read without our writer. */
const parsed = (text: string): string[][] => {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows;
};

const nasty = `<script>alert(1)</script> & "quoted" 'single'\n=cmd|' /C calc'!A0, "x"\r\nlast\u0000`;

describe('html', () => {
  const html = htmlTelling(time, 'Asia/Ho_Chi_Minh');

  it('holds no tag, attribute or script that somebody wrote, and forbids all that is loaded', () => {
    const page = whole(html, {
      text: nasty,
      from: nasty,
      attachments: [nasty],
      reactions: [{ emoji: '<i>', from: [nasty] }],
    });
    expect(page).not.toMatch(/<script|<i>|<b>bạn/);
    expect(page).not.toContain('\u0000');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; &#39;single&#39;');
    expect(page).toMatch(
      /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'/,
    );
    expect(page).not.toMatch(/src=|href=|url\(/);
  });

  it('shows times in the zone asked for, answers quoted, edited as edited, deleted as deleted', () => {
    const page = whole(
      html,
      { isEdited: true, answers: { from: 'bình', text: 'trước đó', isDeleted: false } },
      { isDeleted: true, text: '' },
    );
    expect(page).toContain('>2026-02-01 06:30:05</time>');
    expect(page).toContain('<blockquote><bdi>bình</bdi>: <bdi>trước đó</bdi></blockquote>');
    expect(page).toContain('edited</span>');
    expect(page).toContain('<p class="deleted">deleted</p>');
  });

  it('escapes every character that HTML gives a meaning', () => {
    expect(escapedHtml(`&<>"'`)).toBe('&amp;&lt;&gt;&quot;&#39;');
  });
});

describe('markdown', () => {
  it('quotes each line and leaves nothing that Markdown gives a meaning', () => {
    const text = whole(markdownTelling(time, 'UTC'), {
      text: '# no heading\n    no code\n[a](b) <u> `c` *d*\n\n- e',
    });
    expect(text).toContain('> \\# no heading  \n> &nbsp;&nbsp;&nbsp;&nbsp;no code  \n');
    expect(text).toContain('> \\[a\\]\\(b\\) \\<u\\> \\`c\\` \\*d\\*  \n>   \n> \\- e');
    expect(text).toContain('## Bếp \\& \\<b\\>bạn\\<\\/b\\>');
    expect(escapedMarkdown('https://x.org a@b :)')).toBe('https\\:\\/\\/x\\.org a\\@b \\:\\)');
  });
});

describe('csv', () => {
  it('is read back cell by cell as it was, by RFC 4180', () => {
    const text = 'a, "b"\r\nc\nd';
    const rows = parsed(whole(csvTelling(time), { text, from: 'x,y' }));
    expect(rows[0]?.slice(0, 4)).toEqual(['\ufeffconversation_id', 'conversation', 'message_id', 'time']);
    expect(rows[1]).toEqual([
      conversation.id,
      conversation.title,
      message.id,
      '2026-02-01 06:30:05',
      message.at,
      'x,y',
      message.fromId,
      text,
      '',
      '',
      '',
      '',
      '',
    ]);
    expect(rows).toHaveLength(3);
  });

  it('makes no cell that a spreadsheet would run', () => {
    for (const text of ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', ' =1', '＝1'])
      expect(cell(text).replace(/^"/, '')).toMatch(/^'/);
    expect(cell('1-1')).toBe('1-1');
  });
});

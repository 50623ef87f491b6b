import { describe, expect, it } from 'vitest';
import {
  addressChangedPage,
  linksOf,
  newDevicePage,
  passwordChangedPage,
  resetPage,
  verifyPage,
} from './account-pages.ts';
import { type MailLanguage, type MailPage, printed } from './page.ts';
import { languageOf, momentIn } from './words.ts';

const links = linksOf('https://chat.example.org');
const moment = '1 June 2026';

/** Each mail with what people have made up in every place where it can come. */
const pages: Record<string, (language: MailLanguage, words: string) => MailPage> = {
  verify: (language) => verifyPage({ language, links, token: 'token' }),
  reset: (language, name) => resetPage({ language, links, name, token: 'token' }),
  password_changed: (language, name) => passwordChangedPage({ language, links, name, moment }),
  new_device: (language, name) => newDevicePage({ language, links, name, device: name, moment }),
  address_changed: (language, name) =>
    addressChangedPage({ language, links, name, address: `${name}@example.org`, moment }),
  entries: (language, name) => ({
    language,
    subject: name,
    preview: name,
    paragraphs: [name],
    entries: [{ title: name, aside: name, text: name, href: links.conversation('id') }],
    footer: [name],
    links: [{ label: name, href: links.unsubscribe('token') }],
  }),
};

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style></table><h1>',
  '<%= process.env %><%~ it %>',
  'javascript:alert(1)',
  '&lt;b&gt; &#60;b&#62; &amp;',
  '\u202egro.elpmaxe//:sptth\u2066',
  'a\u0000\u0007b\u2028c\u0085d',
  'a\n-- \nhttps://evil.example.org:\r\nBcc: x',
  '{{ 1 + 1 }} #{1 + 1}',
  `đặng-${'x'.repeat(5000)}`,
];

const tagsOf = (html: string): string[] => html.match(/<\/?[a-z!][^>]*>/gi) ?? [];

describe.each(Object.keys(pages))('the mail %s', (kind) => {
  const page = pages[kind] as (typeof pages)[string];

  it.each(['en', 'vi'] as const)('is whole in %s, and loads nothing from anywhere', (language) => {
    const { subject, text, html } = printed(page(language, 'Đặng Văn Hùng'));
    expect(subject).not.toBe('');
    for (const body of [text, html]) {
      expect(body).not.toMatch(/undefined|\[object|<%|NaN|null/);
      expect(body.length).toBeGreaterThan(50);
    }
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).not.toMatch(/<img|<link|<script|url\(|@import|src=/);
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    for (const href of hrefs) {
      expect(href).toMatch(/^https:\/\/chat\.example\.org\//);
      // Whoever reads text gets every link that others can click.
      expect(text).toContain(kind === 'entries' && href?.includes('/c/') ? '' : href);
    }
  });

  it.each(hostile)('takes %j for words', (words) => {
    const [clean, odd] = [printed(page('en', 'name')), printed(page('en', words))];
    // The same page, whatever stands in it.
    expect(tagsOf(odd.html)).toEqual(tagsOf(clean.html));
    for (const body of [odd.html, odd.text]) expect(body).not.toMatch(/[^\P{Cc}\n]|[\u2028\u202e\u2066]/u);
    const own = kind === 'entries' ? 3 : 0;
    expect(odd.text.split('\n').length).toBeLessThanOrEqual(clean.text.split('\n').length + own);
  });
});

it('says of the new address only enough to know it', () => {
  const page = addressChangedPage({
    language: 'vi',
    links,
    name: 'ann',
    address: 'đặng.ann@example.org',
    moment,
  });
  expect(printed(page).text).toContain('đ•••@example.org');
  expect(printed(page).text).not.toContain('đặng.ann');
});

it('speaks as the person chose in the client, else as their browser did, else English', () => {
  expect(languageOf({ preferences: { web: { language: 'vi' } } }, 'en')).toBe('vi');
  expect(languageOf({ preferences: { web: { language: 'xx' } } }, 'vi')).toBe('vi');
  expect(languageOf({ preferences: {} })).toBe('en');
});

it('writes a moment as people do, in their time zone', () => {
  const time = '2026-06-01T23:30:00.000Z';
  expect(momentIn('en', 'UTC', time)).toMatch(/1 June 2026.*23:30.*UTC/);
  expect(momentIn('vi', 'Asia/Ho_Chi_Minh', time)).toMatch(/06:30.*2 tháng 6.*2026/);
});

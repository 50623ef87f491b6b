// PG: what is read out of a page, and what the page can do to us.
import { describe, expect, test } from 'vitest';
import { previewBounds } from '../../schemas/previews.ts';
import { isHtml, pageOf } from './page.ts';

const html = 'text/html; charset=utf-8';
const read = (text: string, type = html) =>
  pageOf(new TextEncoder().encode(text), type, 'https://a.example/dir/page');
const meta = (name: string, content: string) => `<meta property="${name}" content="${content}">`;

describe('PG1 what a page says of itself', () => {
  test('Open Graph before Twitter before the plain', () => {
    const plain = '<title>plain</title><meta name="description" content="plain d">';
    const twitter = `<meta name="twitter:title" content="twitter"><meta name="twitter:description" content="twitter d">`;
    const og = `${meta('og:site_name', 'Site')}${meta('og:title', 'og')}${meta('og:description', 'og d')}`;
    expect(read(`<head>${plain}${twitter}${og}</head>`)).toEqual({
      siteName: 'Site',
      title: 'og',
      description: 'og d',
      pictureUrl: null,
    });
    expect(read(`<head>${plain}${twitter}`)).toMatchObject({ title: 'twitter', description: 'twitter d' });
    expect(read(plain)).toEqual({
      siteName: '',
      title: 'plain',
      description: 'plain d',
      pictureUrl: null,
    });
  });

  test('the first of each counts, an empty one does not', () => {
    expect(read(meta('og:title', ' ') + meta('og:title', 'one') + meta('og:title', 'two'))?.title).toBe(
      'one',
    );
  });

  test.each([
    ['<title>Tom &amp; Jerry &#x1F42D;</title>', 'Tom & Jerry 🐭'],
    ['<title>\n  two \t lines\r\n</title>', 'two lines'],
    ['<TITLE>Ha&#768; No&#803;&#770;i</TITLE>', 'Hà Nội'],
    ["<meta content='turned' property=og:title>", 'turned'],
    ['<title><b>not</b> a tag</title>', '<b>not</b> a tag'],
    ['<title>mine</title><svg><title>not mine</title></svg>', 'mine'],
    ['<script>"<title>no</title>"</script><title>yes</title>', 'yes'],
    ['<!-- <title>no</title> --><title>yes</title>', 'yes'],
  ])('%s', (text, title) => {
    expect(read(text)?.title).toBe(title);
  });

  test.each([
    '',
    'plain text',
    '<p>no head',
    '<body><title>late</title>',
    '<head></head><title>late</title>',
  ])('nothing: %s', (text) => expect(read(text)).toBeNull());
});

describe('PG2 in its own letters', () => {
  test('of the server, of the page, of its mark, else UTF-8', () => {
    const title = (bytes: number[], before = '') =>
      new Uint8Array([...Buffer.from(`${before}<title>`), ...bytes, ...Buffer.from('</title>')]);
    expect(pageOf(title([0xe9]), 'text/html; charset=ISO-8859-1', 'https://a.example/')?.title).toBe('é');
    expect(
      pageOf(title([0xe9], '<meta charset="windows-1252">'), 'text/html', 'https://a.example/')?.title,
    ).toBe('é');
    expect(
      pageOf(title([0xef, 0xbf, 0xbd]), 'text/html; charset=nonsense', 'https://a.example/')?.title,
    ).toBe('\ufffd');
    const wide = new Uint8Array([0xff, 0xfe, ...Buffer.from('<title>đ</title>', 'utf16le')]);
    expect(pageOf(wide, html, 'https://a.example/')?.title).toBe('đ');
    expect(pageOf(title([0xc3]), 'text/html', 'https://a.example/')?.title).toBe('\ufffd');
  });

  test.each([
    ['text/html', true],
    [' Text/HTML;charset=x', true],
    ['application/xhtml+xml', true],
    ['text/htmlx', false],
    ['image/svg+xml', false],
    ['application/json', false],
    ['', false],
  ])('"%s" is a page: %s', (type, is) => expect(isHtml(type)).toBe(is));
});

describe('PG3 text of strangers', () => {
  test.each([
    ['a\u202Egnp.exe', 'agnp.exe'],
    ['a\u0000\u001b[31mb\u2066c\u2069', 'a[31mbc'],
    ['a\u200b\ufeff\u00ad\u{e0041}b', 'ab'],
    [`z${'\u0301'.repeat(300)}`, 'ź\u0301\u0301\u0301'],
    ['\ud800x', '\ufffdx'],
  ])('%j becomes %j', (text, shown) => {
    expect(read(`<title>${text}</title>`)?.title).toBe(shown);
  });

  test('is bounded, and cut between letters', () => {
    const page = read(
      `<title>${'🎉'.repeat(50_000)}</title>${meta('og:description', 'đ '.repeat(50_000))}${meta('og:site_name', 's'.repeat(999))}`,
    );
    expect(page?.title).toBe(`${'🎉'.repeat((previewBounds.titleMax - 2) / 2)}…`);
    expect(page?.description.length).toBeLessThanOrEqual(previewBounds.descriptionMax);
    expect(page?.siteName.length).toBe(previewBounds.siteNameMax);
  });

  test('that nobody can see is nothing', () => {
    expect(read('<title>\u200b \u202e</title>')).toBeNull();
  });
});

describe('PG4 pages that are made to cost much', () => {
  const mb = 1024 * 1024;
  const fill = (part: string) => part.repeat(mb / part.length);
  test.each<[string, string]>([
    ['deep', fill('<div>')],
    ['deep and closed otherwise', fill('<a>').slice(0, mb / 2) + fill('</b>').slice(0, mb / 2)],
    ['one tag without end', `<meta ${fill('a')}`],
    ['thousands of attributes', `<meta ${fill('a=b ')}>`],
    ['one attribute without end', `<meta content="${fill('x')}`],
    ['titles', fill('<title>')],
    ['a title without end', `<title>${fill('x')}`],
    ['entities', `<title>${fill('&amp;')}</title>`],
    ['broken entities', `<title>${fill('&#x11111111')}`],
    ['comments', fill('<!--')],
    ['brackets', fill('<')],
    ['metas', fill('<meta property="og:title" content=" ">')],
    ['charsets', fill('<meta charset')],
    ['spaces', `<title>${fill(' ')}</title>`],
    ['marks', `<title>a${fill('\u0301')}</title>`],
    ['zeros', fill('\0')],
  ])('%s', (_name, text) => {
    const begun = performance.now();
    pageOf(Buffer.from(text).subarray(0, mb), html, 'https://a.example/');
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

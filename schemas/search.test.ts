import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSearch } from './search-query.ts';
import { fold, isTypoOf, tokensOf } from './search-text.ts';

const folded = (text: string): string[] => tokensOf(text).map((token) => token.folded);

describe('Words', () => {
  test.each([
    ['Đường đến ĐÀ NẴNG', ['duong', 'den', 'da', 'nang']],
    ['Đường'.normalize('NFD'), ['duong']],
    ['Ångström, Łódź & naïve café', ['angstrom', 'łodz', 'naive', 'cafe']],
    ['snake_case don’t 3.14', ['snake_case', 'don', 't', '3', '14']],
    ['日本語 test テスト', ['日', '本', '語', 'test', 'テ', 'ス', 'ト']],
    ['สวัสดี', ['ส', 'วั', 'ส', 'ดี']],
    ['ship it 🚀!', ['ship', 'it', '🚀']],
    ['한국어 Straße', ['한국어', 'straße']],
    [' \u0000 … --- ', []],
  ])('of %j are %j', (text, words) => {
    expect(folded(text)).toEqual(words);
  });

  test('lie where they stand in the text', () => {
    const text = '🚀 Đi Đà Nẵng!';
    expect(tokensOf(text).map(({ start, length }) => text.slice(start, start + length))).toEqual([
      '🚀',
      'Đi',
      'Đà',
      'Nẵng',
    ]);
  });

  test('of any length are cut at the same place', () => {
    const long = 'x'.repeat(5000);
    expect(folded(long)).toEqual(folded(`${long}y`));
  });

  test('composed and decomposed are the same', () => {
    const text = 'Tiếng Việt có dấu';
    expect(folded(text.normalize('NFD'))).toEqual(folded(text));
    expect(tokensOf(text.normalize('NFD')).map(({ exact }) => exact)).toEqual(
      tokensOf(text).map(({ exact }) => exact),
    );
    expect(fold('ắ')).toBe('a');
  });
});

describe('A typo', () => {
  test.each([
    ['message', 'mesage', true],
    ['message', 'messsage', true],
    ['message', 'messgae', true],
    ['message', 'massage', true],
    ['message', 'message', true],
    ['message', 'nessage', false],
    ['message', 'mesaeg', false],
    ['message', 'messages!!', false],
    ['cat', 'car', false],
    ['abcd', 'abdc', true],
    ['abcd', 'acbd', true],
    ['abcde', 'abced', true],
    ['abcdef', 'abdcfe', false],
  ])('of %j: %j is %j', (asked, found, is) => {
    expect(isTypoOf(asked, found)).toBe(is);
  });
});

describe('What is typed', () => {
  const texts = (terms: { tokens: { exact: string }[] }[]) =>
    terms.map(({ tokens }) => tokens.map(({ exact }) => exact).join(' '));

  test('is words, phrases and what must not be there', () => {
    const { terms, without } = readSearch('Hà Nội "hai ba" -mưa -"gió to" foo-bar');
    expect(texts(terms)).toEqual(['hà', 'nội', 'hai ba', 'foo bar']);
    expect(texts(without)).toEqual(['mưa', 'gió to']);
    expect(terms.map(({ isQuoted }) => isQuoted)).toEqual([false, false, true, false]);
  });

  test('has operators, in any case, with quotes, several times', () => {
    expect(
      readSearch(
        'from:an FROM:@Bình in:"Đi chơi" before:2026-11 after:2025 on:yesterday has:link has:image is:reply mentions:me xe',
      ),
    ).toMatchObject({
      from: ['an', 'Bình'],
      in: ['Đi chơi'],
      before: ['2026-11'],
      after: ['2025'],
      on: ['yesterday'],
      has: ['link', 'image'],
      isReply: true,
      mentions: ['me'],
      terms: [{ tokens: [{ exact: 'xe' }] }],
    });
  });

  test.each([
    ['on:fire', ['on fire']],
    ['has:teeth', ['has teeth']],
    ['is:it', ['is it']],
    ['from:', ['from']],
    ['http://a.b', ['http a b']],
    ['"open', ['open']],
    ['""', []],
    ['- -- "', []],
    ['a"b', ['a b']],
  ])('%j is words: %j', (typed, words) => {
    const { terms, without } = readSearch(typed);
    expect(texts(terms)).toEqual(words);
    expect(without).toEqual([]);
  });

  test('has only words of the text itself, whatever it is', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 60 });
    const typed = fc
      .array(
        fc.oneof(anything, fc.constantFrom('from:', '-', '"', 'on:', 'in:"', ' ', '\ud800', '\u0301', 'đ')),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(typed, (text) => {
        const words = readSearch(text);
        for (const { tokens } of [...words.terms, ...words.without]) {
          expect(tokens.length).toBeGreaterThan(0);
          for (const { exact, folded } of tokens) {
            expect(exact).toMatch(/^\S+$/);
            expect(folded).not.toContain('"');
            expect([...exact].length).toBeLessThanOrEqual(64);
          }
        }
        let end = 0;
        for (const { start, length } of tokensOf(text)) {
          expect(start).toBeGreaterThanOrEqual(end);
          expect(length).toBeGreaterThan(0);
          end = start + length;
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 100, seed: 20_261_130 },
    );
  });

  test('is read in bounded time, whatever it is', () => {
    for (const hostile of ['"'.repeat(10_000), '-'.repeat(10_000), 'from:'.repeat(2_000), 'a:'.repeat(5_000)])
      expect(readSearch(hostile).from.length).toBeLessThan(2_001);
  });
});

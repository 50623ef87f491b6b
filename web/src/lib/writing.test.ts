import { describe, expect, test } from 'vitest';
import { askedAt, peopleNamed } from './completion.ts';
import { type Emoji, findEmoji, toned } from './emoji.ts';
import { type Change, continued, linked, marked } from './format.ts';

const applied = (text: string, change: Change | null) =>
  change === null ? null : `${text.slice(0, change.start)}${change.text}${text.slice(change.end)}`;

describe('What could be completed', () => {
  test.each([
    ['@', 'person', ''],
    ['chào @bì', 'person', 'bì'],
    ['(@an', 'person', 'an'],
    ['see :tad', 'emoji', 'tad'],
    [':vẫy', 'emoji', 'vẫy'],
  ])('given %j, then it is a %s named %j', (text, kind, query) => {
    expect(askedAt(text, text.length)).toEqual({
      kind,
      query,
      start: text.length - query.length - 1,
      end: text.length,
    });
  });

  test.each(['ann@exam', '@@a', 'at 10:30', 'https://x', ':)', ':a', '@ann ', 'no'])(
    'given %j, then nothing',
    (text) => {
      expect(askedAt(text, text.length)).toBeNull();
    },
  );

  test('given people, then who is called so comes first, without regard to accents and case', () => {
    const people = ['Thanh', 'Đức', 'duc.anh', 'An-Đức', 'bob'].map((username) => ({ username }) as never);
    expect(peopleNamed(people, 'DUC').map(({ username }) => username)).toEqual(['Đức', 'duc.anh', 'An-Đức']);
  });
});

describe('Finding an emoji', () => {
  const one = (char: string, codes: string[], words: string, hasTones = false): Emoji => ({
    char,
    label: char,
    codes,
    words,
    hasTones,
  });
  const groups = [
    {
      name: 'all',
      emoji: [
        one('🎊', ['confetti_ball'], 'party'),
        one('🎉', ['tada', 'party_popper'], 'party popper tiệc'),
        one('👋', ['wave'], 'waving hand vẫy tay', true),
      ],
    },
  ];
  const found = (query: string) => findEmoji(groups, query, 9).map(({ char }) => char);

  test('given a shortcode or a word in either language, then it is found, the shortcode first', () => {
    expect(found('tada')).toEqual(['🎉']);
    expect(found('party')).toEqual(['🎉', '🎊']);
    expect(found('tiec')).toEqual(['🎉']);
    expect(found('vay tay')).toEqual(['👋']);
    expect(found('ha')).toEqual(['👋']);
    expect(found(' ')).toEqual([]);
  });

  test('given a tone, then only what has tones takes it', () => {
    expect(toned(one('👋', [], '', true), 3)).toBe('👋🏽');
    expect(toned(one('☝️', [], '', true), 1)).toBe('☝🏻');
    expect(toned(one('🎉', [], ''), 3)).toBe('🎉');
  });
});

describe('Marks in a text that is being written', () => {
  test('given a selection, then marks go around its words, and away again', () => {
    const bold = marked('say this now', 4, 9, '**');
    expect(applied('say this now', bold)).toBe('say **this** now');
    expect(bold.select).toEqual([6, 10]);
    expect(applied('say **this** now', marked('say **this** now', 6, 10, '**'))).toBe('say this now');
    expect(applied('**this**', marked('**this**', 2, 6, '*'))).toBe('***this***');
    expect(applied('***this***', marked('***this***', 3, 7, '*'))).toBe('**this**');
    expect(marked('', 0, 0, '`')).toEqual({ start: 0, end: 0, text: '``', select: [1, 1] });
  });

  test('given an address pasted over words, then they become its link; over an address or nothing it is itself', () => {
    expect(applied('the docs', linked('the docs', 4, 8, 'https://a.example/x'))).toBe(
      'the [docs](https://a.example/x)',
    );
    expect(linked('the docs', 3, 3, 'https://a.example')).toBeNull();
    expect(linked('https://b.example', 0, 17, 'https://a.example')).toBeNull();
    expect(linked('the docs', 4, 8, 'javascript:x')).toBeNull();
  });

  test.each([
    ['- one', '- one\n- '],
    ['  * one', '  * one\n  * '],
    ['9. nine', '9. nine\n10. '],
    ['> said', '> said\n> '],
    ['a\n- one\n- ', 'a\n- one\n'],
    ['> ', ''],
    ['words', null],
  ])('given a new line after %j, then %j', (text, expected) => {
    expect(applied(text, continued(text, text.length, text.length))).toBe(expected);
  });
});

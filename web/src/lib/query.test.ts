import { describe, expect, it } from 'vitest';
import { hasWords, nameIn, questionOf, readQuery, withFilter, withoutFilter } from './query.ts';

const filtersOf = (typed: string) => readQuery(typed).filters.map(({ kind, value }) => `${kind}=${value}`);
const id = '0f5c8c1e-5f0a-5b0e-9f0a-1234567890ab';
const other = '7d444840-9dc0-51d1-b245-5ffdce74fad2';

describe('The text in the search box', () => {
  it.each<[string, string[], string]>([
    ['cà phê', [], 'cà phê'],
    ['from:Bình cà phê in:"Hội bạn thân"', ['from=Bình', 'in=Hội bạn thân'], 'cà phê'],
    ['has:link is:reply mentions:me', ['has=link', 'is=reply', 'mentions=me'], ''],
    ['after:2026-11-01 on:today before:2027', ['after=2026-11-01', 'on=today', 'before=2027'], ''],
    ['FROM:An', ['from=An'], ''],
  ])('%s: its filters are %j and the rest are words', (typed, filters, words) => {
    expect(filtersOf(typed)).toEqual(filters);
    expect(readQuery(typed).words.trim().replace(/ +/g, ' ')).toBe(words);
  });

  it.each([
    'from:',
    'has:teeth',
    'on:2026-1-1',
    'is:nice',
    '-from:An',
    'see https://x.org',
    '12:30',
    '"from:An"',
  ])('given %s, which is no filter, then it is searched for as words', (typed) => {
    expect(filtersOf(typed)).toEqual([]);
    expect(readQuery(typed).words).toBe(typed);
  });

  it('loses a filter when its chip is taken away, wherever it stands, and nothing else', () => {
    const query = readQuery('from:An  trà in:"Hội bạn" sữa');
    const [from, place] = query.filters;
    expect(withoutFilter(query, from!)).toBe('trà in:"Hội bạn" sữa');
    expect(withoutFilter(query, place!)).toBe('from:An trà sữa');
  });

  it('gains a filter once, in quotes when it has spaces', () => {
    expect(withFilter(readQuery('trà'), 'from', 'An')).toBe('trà from:An ');
    expect(withFilter(readQuery(''), 'in', 'Hội bạn')).toBe('in:"Hội bạn" ');
    expect(withFilter(readQuery('trà from:an'), 'from', 'An')).toBe('trà from:an');
  });

  it('has one day, or a span with two ends', () => {
    const span = withFilter(readQuery('after:2026-11-01'), 'before', '2026-11-05');
    expect(filtersOf(span)).toEqual(['after=2026-11-01', 'before=2026-11-05']);
    expect(filtersOf(withFilter(readQuery(span), 'after', '2026-11-03'))).toEqual([
      'before=2026-11-05',
      'after=2026-11-03',
    ]);
    expect(filtersOf(withFilter(readQuery(span), 'on', 'today'))).toEqual(['on=today']);
  });

  it('is what the chips say after any of them is added or taken away', () => {
    let text = 'trà sữa';
    for (const [kind, value] of [
      ['from', 'Bình An'],
      ['in', id],
      ['has', 'link'],
      ['on', 'today'],
    ] as const)
      text = withFilter(readQuery(text), kind, value);
    expect(filtersOf(text)).toEqual(['from=Bình An', `in=${id}`, 'has=link', 'on=today']);
    for (let { filters } = readQuery(text); filters.length > 0; { filters } = readQuery(text))
      text = withoutFilter(readQuery(text), filters[0]!);
    expect(text.trim()).toBe('trà sữa');
  });
});

describe('A conversation in the text', () => {
  const titles = [
    { id, title: 'Hội bạn thân' },
    { id: other, title: 'Bình' },
  ];

  it('is named by its title, which the server is told as its id', () => {
    expect(nameIn(id, titles)).toBe('Hội bạn thân');
    expect(questionOf(readQuery('trà in:"hoi ban than" in:Bình'), titles)).toBe(`trà in:${id} in:${other}`);
    expect(questionOf(readQuery('in:Elsewhere trà'), titles)).toBe('in:Elsewhere trà');
  });

  it('is named by its id when another one is called the same', () => {
    expect(nameIn(id, [...titles, { id: 'x', title: 'Hoi ban than' }])).toBe(id);
  });
});

it('Names are compared without case and accents', () => {
  expect(hasWords('Trần Đình Huệ', 'dinh hue')).toBe(true);
  expect(hasWords('Trần Đình Huệ', 'hương')).toBe(false);
});

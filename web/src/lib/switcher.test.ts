import { describe, expect, test } from 'vitest';
import { bestOf, rankOf } from './switcher.ts';

const titles = (asked: string, ...names: string[]) =>
  bestOf(
    names.map((title) => ({ title })),
    asked,
    10,
  ).map(({ title }) => title);

describe('The quick switcher', () => {
  test('without a question everything stands in its order', () => {
    expect(titles('', 'b', 'a')).toEqual(['b', 'a']);
  });

  test('whole names come first, then beginnings, beginnings of words, parts, letters in order', () => {
    expect(titles('an', 'Hand', 'Lena Anders', 'Anna', 'A nice one', 'An')).toEqual([
      'An',
      'Anna',
      'Lena Anders',
      'Hand',
      'A nice one',
    ]);
  });

  test('accents and case do not matter', () => {
    expect(titles('duc', 'Đức Anh', 'Carla')).toEqual(['Đức Anh']);
    expect(titles('ĐỨC', 'duc')).toEqual(['duc']);
  });

  test('first letters of words find a name; letters in another order do not', () => {
    expect(rankOf('Weekend trip', 'wt')).toBe(4);
    expect(rankOf('Weekend trip', 'tw')).toBeNull();
  });

  test('equal ones keep their order: the one used last is first', () => {
    expect(titles('a', 'Ann B', 'Ann A')).toEqual(['Ann B', 'Ann A']);
  });
});

import { expect, test } from 'vitest';
import { Mentions, namesIn } from './mentions.ts';

test('names are found with and without the marks that end a sentence', () => {
  expect(namesIn('hi @ann, see @bob.')).toEqual(['ann,', 'ann', 'bob.', 'bob']);
});

test('an address is no mention', () => {
  expect(namesIn('write to ann@example.org')).toEqual([]);
});

test('what is quoted, as what is forwarded is, mentions nobody; what is said beside it does', () => {
  expect(namesIn('> *From bob*\n> @ann look\n\n@cem see above')).toEqual(['cem']);
  expect(namesIn('a > b, @ann')).toEqual(['ann']);
});

test('names of any script are found', () => {
  expect(namesIn('@Đường ơi')).toEqual(['Đường']);
});

test('people are looked up once and remembered', async () => {
  const asked: string[][] = [];
  const mentions = new Mentions({
    usersByName: async (names) => {
      asked.push(names);
      return names
        .filter((name) => name === 'ann')
        .map((username) => ({
          id: `id of ${username}`,
          username,
          profilePicUrl: null,
          kind: 'person' as const,
          createdAt: '2026-01-01T00:00:00.000Z',
          rev: 1,
        }));
    },
  });
  expect(await mentions.in('hi @ann and @nobody')).toEqual(['id of ann']);
  expect(await mentions.in('again @ann')).toEqual(['id of ann']);
  expect(mentions.in('no sign')).toEqual([]);
  expect(asked).toEqual([['ann', 'nobody']]);
});

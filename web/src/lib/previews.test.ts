import { expect, test } from 'vitest';
import { shownPreviews } from './previews.ts';
import type { Message } from './protocol.ts';

const preview = (parts: Partial<Message['previews'][number]>): Message['previews'][number] => ({
  id: 'a',
  url: 'https://example.org/x',
  siteName: '',
  title: 'title',
  description: '',
  image: null,
  addedAt: '2026-01-01T00:00:00.000Z',
  ...parts,
});
const shown = (...previews: Partial<Message['previews'][number]>[]) =>
  shownPreviews({ previews: previews.map(preview) });

test('the host is the link’s own, whatever the page calls itself', () => {
  expect(shown({ url: 'https://www.example.org:8080/x', siteName: 'Your bank' })).toMatchObject([
    { host: 'example.org:8080', siteName: 'Your bank', href: 'https://www.example.org:8080/x' },
  ]);
  expect(shown({ siteName: 'Example.org' })).toMatchObject([{ siteName: '' }]);
  // Letters that look like others are told apart.
  expect(shown({ url: 'https://аpple.com/' })).toMatchObject([{ host: 'xn--pple-43d.com' }]);
});

test('only addresses of the web are links', () => {
  expect(shown({ url: 'javascript:alert(1)' }, { url: 'data:text/html,x' }, { url: 'mailto:a@b.c' })).toEqual(
    [],
  );
});

test('marks of direction change nothing around', () => {
  expect(shown({ title: 'a\u202egpj.exe', siteName: '\u2066x' })).toMatchObject([
    { title: 'agpj.exe', siteName: 'x' },
  ]);
});

test('a message that was kept before there were previews has none', () => {
  expect(shownPreviews({} as Message)).toEqual([]);
});

import { expect, test } from 'vitest';
import { forwarded } from './forward.ts';
import { markdownOf } from './markdown.ts';
import { plainText } from './plain-text.ts';

test('given a message with lines and code, when it is forwarded, then all of it is one quote and the name is only a name', () => {
  const text = forwarded('see\n```js\nlet a;\n```\n\n> older', 'From *an*_[x](https://a.example)');
  const [quote, ...rest] = markdownOf(text);
  expect([quote?.kind, rest]).toEqual(['quote', []]);
  expect(plainText(text)).toBe('From *an*_[x](https://a.example) see let a; older');
});

test('given a message whose code never ends, when it is forwarded, then what is written after it is no code', () => {
  const blocks = markdownOf(`${forwarded('```\ncode', 'From an')}\n\nmy answer`);
  expect(blocks.map(({ kind }) => kind)).toEqual(['quote', 'paragraph']);
});

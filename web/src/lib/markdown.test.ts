import { describe, expect, test } from 'vitest';
import { type Block, type Inline, markdownOf } from './markdown.ts';
import { plainHighlights, plainText } from './plain-text.ts';

/** The tree as short text: `b(...)` for strong and so on. */
const inline = (node: Inline): string => {
  if (node.kind === 'break') return '⏎';
  if (node.kind === 'text') return node.text;
  if (node.kind === 'code' || node.kind === 'mention') return `${node.kind}(${node.text})`;
  const words = node.children.map(inline).join('');
  return node.kind === 'link'
    ? `link(${words} → ${node.href}${node.host ? ` [${node.host}]` : ''})`
    : `${node.kind}(${words})`;
};
const block = (one: Block): string => {
  if (one.kind === 'code') return `code:${one.language}(${one.text})`;
  if (one.kind === 'quote') return `quote(${one.blocks.map(block).join('¶')})`;
  if (one.kind === 'list')
    return `list:${one.start ?? '•'}(${one.items.map((item) => item.map(block).join('¶')).join(' / ')})`;
  const words = one.children.map(inline).join('');
  return one.kind === 'heading' ? `heading(${words})` : words;
};
const shown = (source: string, names: string[] = []) =>
  markdownOf(source, new Set(names)).map(block).join('¶');

describe('Markdown of messages', () => {
  test.each([
    ['plain words, 3 * 4 = 12 and snake_case_name', 'plain words, 3 * 4 = 12 and snake_case_name'],
    ['one\ntwo\n\nthree', 'one⏎two¶three'],
    [
      '**bold** *it* _it_ ~~gone~~ `a*b*` ||psst||',
      'strong(bold) em(it) em(it) strike(gone) code(a*b*) spoiler(psst)',
    ],
    ['***both***', 'em(strong(both))'],
    ['Tiếng **Việt**nam', 'Tiếng strong(Việt)nam'],
    ['a ||| b || c', 'a ||| b || c'],
    ['# Title\ntext', 'heading(Title)¶text'],
    ['#hashtag', '#hashtag'],
    ['> said\nanswer', 'quote(said)¶answer'],
    ['> a\n>> b', 'quote(a¶quote(b))'],
    ['- one\n- two\n  - three', 'list:•(one / two¶list:•(three))'],
    ['3. three\n4. four', 'list:3(three / four)'],
    ['```ts\nconst a = 1;\n\n> b\n```\nafter', 'code:ts(const a = 1;\n\n> b)¶after'],
    ['<b>x</b> <img src=x onerror=alert(1)>', '<b>x</b> <img src=x onerror=alert(1)>'],
    ['![alt](https://a.example/x.png)', '!link(alt → https://a.example/x.png [a.example])'],
    ['&lt;b&gt; &amp;', '&lt;b&gt; &amp;'],
    ['    indented stays text', 'indented stays text'],
    ['title\n---', 'title⏎---'],
    ['[ref]: https://a.example', '[ref]: link(https://a.example → https://a.example/)'],
  ])('given %j, then it is %s', (source, tree) => {
    expect(shown(source)).toBe(tree);
  });

  test('given addresses, then only those of the web and of mail are links, and end where the sentence goes on', () => {
    expect(shown('See https://a.example/b?c=d, and (https://a.example/wiki/A_(b)).')).toBe(
      'See link(https://a.example/b?c=d → https://a.example/b?c=d), and (link(https://a.example/wiki/A_(b) → https://a.example/wiki/A_(b))).',
    );
    expect(shown('ann@a.example')).toBe('link(ann@a.example → mailto:ann@a.example)');
    for (const text of ['ftp://a.b', 'https://', 'main.rs', 'xhttps:/a', '<javascript:x>'])
      expect(shown(text), text).toBe(text);
    for (const to of [
      'javascript:alert(1)',
      ' javascript:x',
      'JaVaScRiPt:x',
      'data:text/html,x',
      '/api',
      '#/c/x',
      '//a.b',
      'vbscript:x',
      'blob:x',
      'java&#115;cript:x',
      'java\u0000script:x',
    ])
      expect(shown(`[x](<${to}>)`), to).not.toContain('link(');
  });

  test('given words that name another host than the address, then the true host stands beside them in ASCII', () => {
    expect(shown('[docs](https://a.example/x)')).toContain('[a.example]');
    expect(shown('[https://good.example](https://evil.example/)')).toContain('[evil.example]');
    expect(shown('[good.example](https://evil.example/)')).toContain('[evil.example]');
    expect(shown('<https://good.example@evil.example/>')).toContain('[evil.example]');
    expect(shown('https://аpple.com/')).toContain('[xn--pple-43d.com]');
    expect(shown('[evil.example](https://evil.example/long)')).not.toContain('[evil.example]');
    expect(shown('[mail](mailto:a@b.example)')).toContain('[a@b.example]');
  });

  test('given names of people, then a mention is what the server takes for one', () => {
    expect(shown('@ann, @ann. and ann@ann.x /@bình @nobody', ['ann', 'bình'])).toBe(
      'mention(ann), mention(ann). and link(ann@ann.x → mailto:ann@ann.x) /mention(bình) @nobody',
    );
    expect(shown('@ann.', ['ann', 'ann.'])).toBe('mention(ann.)');
    expect(shown('`@ann` \\@ann', ['ann'])).toBe('code(@ann) @ann');
  });

  test('given hostile text of 16,000 characters, then it is read in bounded time', () => {
    const patterns = [
      '[',
      '*',
      '**a _b ',
      '> ',
      '>',
      '`',
      '`a``b```c````',
      '[a](',
      '![[]()',
      '~~a',
      '||a',
      '|| ',
      '- ',
      '1. ',
      '> - ',
      '[*a](b ',
      '@a ',
      'http://',
      'a@b.c ',
      '\\',
      '<a ',
      '_a*b',
      '\n>',
      '\n- a',
      'https://a@',
      '[x](<',
      '# ',
      '&#x',
      '**',
      '__a',
      '||**a||',
    ];
    for (const pattern of patterns) {
      const source = pattern.repeat(Math.ceil(16_000 / pattern.length)).slice(0, 16_000);
      const start = performance.now();
      plainText(source);
      // About 60 ms at most on a quiet machine; what grows with the square or worse takes seconds.
      expect(performance.now() - start, pattern).toBeLessThan(1_000);
    }
  });
});

describe('The plain text of a message', () => {
  test('given marks, links, quotes, lists and code, then only the words are left', () => {
    expect(plainText('**Hi** [there](https://a.example)\n> q\n\n- one\n- two\n```js\nlet a\n  b\n```')).toBe(
      'Hi there q one two let a b',
    );
    expect(plainText('see ||the end||')).toBe('see ▒▒▒');
  });

  test('given places in the source, then they are found in the plain text, and what is not shown is not marked', () => {
    const source = '**đường** [về nhà](https://nhà.example/nhà) nhà ||nhà||';
    const all = [...source.matchAll(/đường|nhà/g)].map(({ index, 0: { length } }) => ({
      start: index,
      length,
    }));
    const { text, highlights } = plainHighlights(source, all);
    expect(text).toBe('đường về nhà nhà ▒▒▒');
    expect(highlights.map(({ start, length }) => [start, text.slice(start, start + length)])).toEqual([
      [0, 'đường'],
      [9, 'nhà'],
      [13, 'nhà'],
    ]);
  });
});

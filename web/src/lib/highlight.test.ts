import { describe, expect, test } from 'vitest';
import { highlight, type Span } from './highlight.ts';

const words = (spans: readonly Span[]): string =>
  spans.map((span) => (typeof span === 'string' ? span : words(span.spans))).join('');

describe('Colours for code', () => {
  test('given code in a known language, then the spans are the code again, and name what is what', () => {
    const code = 'const a = "<img src=x>"; // b';
    const spans = highlight(code, 'TS')!;
    expect(words(spans)).toBe(code);
    expect(spans).toContainEqual({ name: 'hljs-keyword', spans: ['const'] });
  });

  test('given another language, a name of the language itself or too much of it, then there are none', () => {
    for (const name of ['', 'klingon', '__proto__', 'constructor'])
      expect(highlight('x', name), name).toBeNull();
    expect(highlight('a '.repeat(2_000), 'js')).toBeNull();
  });

  test('given signs that a grammar chokes on, then there is an answer in bounded time', () => {
    for (const [language, pattern] of [
      ['python', 'f"{'],
      ['cpp', 'a '],
      ['java', '$'],
      ['ruby', '('],
      ['bash', '"'],
      ['typescript', 'a.'],
    ] as const) {
      const start = performance.now();
      highlight(pattern.repeat(3_000).slice(0, 3_000), language);
      // About 150 ms at most on a quiet machine.
      expect(performance.now() - start, language).toBeLessThan(2_000);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { splitLinks } from './links.ts';

const hrefs = (text: string) => splitLinks(text).flatMap(({ href }) => href ?? []);

describe('Links in plain text', () => {
  test('given a sentence with an address, when split, then the parts make the same text again', () => {
    const text = 'See https://example.org/a?b=c, and (https://example.org/wiki/A_(b)).';
    expect(hrefs(text)).toEqual(['https://example.org/a?b=c', 'https://example.org/wiki/A_(b)']);
    expect(
      splitLinks(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  test('given other schemes or broken addresses, when split, then they stay text', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://a.b',
      'https://',
      'http:// a',
      'xhttps:/a',
    ]) {
      expect(hrefs(text), text).toEqual([]);
    }
  });

  test('given markup in a message, when split, then an address ends before it', () => {
    expect(hrefs('<a href="https://example.org/">x</a>')).toEqual(['https://example.org/']);
  });
});

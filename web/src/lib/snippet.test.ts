import { describe, expect, it } from 'vitest';
import { snippetOf } from './snippet.ts';

const at = (content: string, word: string) => ({ start: content.indexOf(word), length: word.length });
const shown = (content: string, ...words: string[]) =>
  snippetOf(
    content,
    words.map((word) => at(content, word)),
  )
    .map(({ text, isHit }) => (isHit ? `[${text}]` : text))
    .join('');

describe('What is shown of a message that was found', () => {
  it('is all of a short one, with its words marked', () => {
    expect(shown('con đường về nhà', 'đường', 'nhà')).toBe('con [đường] về [nhà]');
    expect(shown('nothing to mark')).toBe('nothing to mark');
  });

  it('is what stands around the first word of a long one, cut between words', () => {
    const filler = 'một vài từ '.repeat(40);
    const text = shown(`${filler}đường ${filler}`, 'đường');
    expect(text).toMatch(/^…\S.*\[đường\].*\S…$/s);
    expect(text.length).toBeLessThan(200);
    for (const word of text.replace(/[…[\]]/g, '').split(' '))
      expect(['một', 'vài', 'từ', 'đường', '']).toContain(word);
  });

  it('is never half a character', () => {
    for (let length = 150; length < 200; length += 1) {
      const content = `${'🎉'.repeat(length)}x${'🎉'.repeat(200)}`;
      for (const { text } of snippetOf(content, [{ start: length * 2, length: 1 }]))
        expect(() => encodeURIComponent(text)).not.toThrow();
    }
  });

  it('marks nothing that lies outside', () => {
    expect(snippetOf('short', [{ start: 3, length: 40 }])).toEqual([{ text: 'short', isHit: false }]);
  });
});

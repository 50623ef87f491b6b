// A message without its Markdown, for previews, quotes, search results and screen readers. Pure.
import type { Highlight } from '../../../schemas/views.ts';
import { type Block, type Inline, markdownOf } from './markdown.ts';
import { withoutOverrides } from './safe-text.ts';

const spoilerSign = '▒▒▒';

/** All the words on one line, and what a spoiler hides hidden. */
export const plainText = (source: string): string => read(source).text;

/** The same with the places of `highlights`, which are given in the source; one that is not shown is left out. */
export const plainHighlights = (
  source: string,
  highlights: readonly Highlight[],
): { text: string; highlights: Highlight[] } => {
  const { text, runs } = read(source);
  const moved = highlights.flatMap(({ start, length }) => {
    const run = runs.find(({ from, size }) => start >= from && start + length <= from + size);
    return run ? [{ start: run.to + start - run.from, length }] : [];
  });
  return { text, highlights: moved };
};

/** A stretch that stands in the source at `from` and in the plain text at `to`. */
type Run = { from: number; to: number; size: number };

const read = (source: string): { text: string; runs: Run[] } => {
  const runs: Run[] = [];
  let text = '';
  let from = 0;
  const say = (words: string) => {
    const shown = withoutOverrides(words);
    const found = shown === words ? source.indexOf(words, from) : -1;
    if (found >= 0) {
      runs.push({ from: found, to: text.length, size: words.length });
      from = found + words.length;
    }
    text += shown;
  };
  const gap = () => {
    if (text && !text.endsWith(' ')) text += ' ';
  };
  const sayInline = (node: Inline): void => {
    if (node.kind === 'break') gap();
    else if (node.kind === 'mention') say(`@${node.text}`);
    else if ('text' in node) say(node.text);
    else if (node.kind === 'spoiler') text += spoilerSign;
    else node.children.forEach(sayInline);
  };
  const sayBlock = (block: Block): void => {
    gap();
    if (block.kind === 'quote') for (const inner of block.blocks) sayBlock(inner);
    else if (block.kind === 'list') for (const inner of block.items.flat()) sayBlock(inner);
    else if (block.kind === 'code') {
      for (const line of block.text.split('\n')) {
        gap();
        say(line.trim());
      }
    } else block.children.forEach(sayInline);
  };
  markdownOf(source).forEach(sayBlock);
  return { text, runs };
};

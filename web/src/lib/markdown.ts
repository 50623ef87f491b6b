// The Markdown of messages as a tree of a few kinds of nodes, from the tokens of markdown-it. No HTML in it and none made of
// it: what is not known here stays the text that was typed. Pure, in bounded time on any input.
import MarkdownIt, { type Token } from 'markdown-it';
import { type Link, linkOf } from './links.ts';
import { addMentions, addSpoilers, textRule } from './markdown-rules.ts';

/** One type for each kind, so that `kind` tells what a node has. */
type Kinds<Kind extends string, Rest> = Kind extends string ? { kind: Kind } & Rest : never;

export type Inline =
  | Kinds<'text' | 'code' | 'mention', { text: string }>
  | Kinds<'strong' | 'em' | 'strike' | 'spoiler', { children: Inline[] }>
  | ({ kind: 'link'; children: Inline[] } & Link)
  | { kind: 'break' };

export type Block =
  | Kinds<'paragraph' | 'heading', { children: Inline[] }>
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; start: number | null; items: Block[][] }
  | { kind: 'code'; language: string; text: string };

/** Who `@name` may mean; without it no name is a mention. */
export type Names = ReadonlySet<string>;

const blockRules = ['blockquote', 'list', 'fence', 'heading'];
const inlineRules = ['backticks', 'strikethrough', 'emphasis', 'link', 'escape', 'newline', 'autolink'];

const parser = new MarkdownIt('zero', { breaks: true, linkify: true, maxNesting: 20 });
parser.enable([...blockRules, ...inlineRules, 'balance_pairs', 'linkify']);
// Every piece of text stands in the source as it is here, so that places in one can be found in the other.
parser.disable('text_join');
// A name like "notes.md" or "main.rs" is no address.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: true });
parser.validateLink = (href) => linkOf(href, '') !== null;
parser.inline.ruler.at('text', textRule);
addSpoilers(parser);
addMentions(parser);

export const markdownOf = (source: string, names: Names = new Set()): Block[] => {
  if (isPlain(source)) return [{ kind: 'paragraph', children: linesOf(source) }];
  return blocksOf(new Reader(parser.parse(withoutLaziness(source), { names })));
};

/** Most messages have nothing that could mean more than itself. */
const isPlain = (source: string): boolean =>
  !/[*_~`[\]|>#@\\<]|:\/\/|mailto:|^\s|\n\s|^[-+]\s|\n[-+]\s|\d[.)]\s/i.test(source);

const linesOf = (source: string): Inline[] =>
  source.split('\n').flatMap((text, index): Inline[] => {
    const line: Inline[] = text ? [{ kind: 'text', text }] : [];
    return index === 0 ? line : [{ kind: 'break' }, ...line];
  });

/**
 * By the book a line after a quote or a list belongs to it, and nobody who chats means that: where the sign ends, the quote
 * ends. Code keeps its lines.
 */
const withoutLaziness = (source: string): string => {
  if (!source.includes('>')) return source;
  let fence: string | null = null;
  let wasQuote = false;
  const lines: string[] = [];
  for (const line of source.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    const isQuote = fence === null && /^ {0,3}>/.test(line);
    if (fence === null && wasQuote && !isQuote && line.trim() !== '') lines.push('');
    if (fence === null) fence = mark;
    else if (mark?.startsWith(fence)) fence = null;
    wasQuote = isQuote;
    lines.push(line);
  }
  return lines.join('\n');
};

/** Walks through the tokens, which say where something begins and ends. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The next one, unless it closes what is being read: that is taken and ends it. */
  next(): Token | null {
    const token = this.#tokens[this.#at];
    if (token === undefined) return null;
    this.#at += 1;
    return token.nesting < 0 ? null : token;
  }
}

const blocksOf = (reader: Reader): Block[] => {
  const blocks: Block[] = [];
  for (let token = reader.next(); token !== null; token = reader.next()) {
    switch (token.type) {
      case 'paragraph_open':
      case 'heading_open':
        blocks.push({
          kind: token.type === 'paragraph_open' ? 'paragraph' : 'heading',
          children: textOf(reader),
        });
        break;
      case 'blockquote_open':
        blocks.push({ kind: 'quote', blocks: blocksOf(reader) });
        break;
      case 'bullet_list_open':
        blocks.push({ kind: 'list', start: null, items: itemsOf(reader) });
        break;
      case 'ordered_list_open':
        blocks.push({ kind: 'list', start: Number(token.attrGet('start') ?? 1), items: itemsOf(reader) });
        break;
      default:
        blocks.push(
          token.type === 'fence'
            ? { kind: 'code', language: languageOf(token.info), text: token.content.replace(/\n$/, '') }
            : { kind: 'paragraph', children: linesOf(token.content) },
        );
    }
  }
  return blocks;
};

const languageOf = (info: string): string => /^[\w+#.-]{1,20}/.exec(info.trim())?.[0] ?? '';

const itemsOf = (reader: Reader): Block[][] => {
  const items: Block[][] = [];
  while (reader.next() !== null) items.push(blocksOf(reader));
  return items;
};

const textOf = (reader: Reader): Inline[] => {
  const children: Inline[] = [];
  for (let token = reader.next(); token !== null; token = reader.next())
    children.push(...inlinesOf(new Reader(token.children ?? [])));
  return children;
};

const spans: Record<string, 'strong' | 'em' | 'strike' | 'spoiler'> = {
  strong_open: 'strong',
  em_open: 'em',
  s_open: 'strike',
  spoiler_open: 'spoiler',
};

const inlinesOf = (reader: Reader): Inline[] => {
  const inlines: Inline[] = [];
  for (let token = reader.next(); token !== null; token = reader.next()) {
    const span = spans[token.type];
    if (span) inlines.push({ kind: span, children: inlinesOf(reader) });
    else if (token.type === 'link_open') {
      const children = inlinesOf(reader);
      const link = linkOf(String(token.attrGet('href')), textIn(children));
      // The parser has left as text what may not be a link.
      inlines.push(...(link ? [{ kind: 'link' as const, children, ...link }] : children));
    } else if (token.type === 'softbreak' || token.type === 'hardbreak') inlines.push({ kind: 'break' });
    else if (token.type === 'code_inline') inlines.push({ kind: 'code', text: token.content });
    else if (token.type === 'mention') inlines.push({ kind: 'mention', text: token.content });
    else if (token.content) inlines.push({ kind: 'text', text: token.content });
  }
  return inlines;
};

/** The words of a few nodes. */
const textIn = (nodes: readonly Inline[]): string =>
  nodes
    .map((node) => ('text' in node ? node.text : node.kind === 'break' ? ' ' : textIn(node.children)))
    .join('');

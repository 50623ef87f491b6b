// What a page says of itself in its head: Open Graph, Twitter card, title, description. Nothing of it is run and nothing is
// asked for; the parser works in bounded time on any bytes.
import { Parser } from 'htmlparser2';
import type { KnownPage } from '../../ports/previews/port.ts';
import { linkLengthMax } from '../../schemas/links.ts';
import { previewBounds } from '../../schemas/previews.ts';
import { plainLine } from './text.ts';

/** So little at a time, that the look between two pieces bounds what deep or broken markup can cost. */
const pieceLength = 4096;
const tagsMax = 5_000;
const depthMax = 200;
/** Of one text as the page writes it. */
const textMax = 4_000;

/** Null: it says nothing that could be shown. @param contentType as the server names it. @param url where the page is. */
export const pageOf = (body: Uint8Array, contentType: string, url: string): KnownPage => {
  const said = headOf(decoded(body, contentType));
  const first = (lengthMax: number, ...names: string[]): string => {
    for (const name of names) {
      const text = plainLine(said.get(name) ?? '', lengthMax);
      if (text !== '') return text;
    }
    return '';
  };
  const page = {
    siteName: first(previewBounds.siteNameMax, 'og:site_name', 'application-name'),
    title: first(previewBounds.titleMax, 'og:title', 'twitter:title', 'title'),
    description: first(previewBounds.descriptionMax, 'og:description', 'twitter:description', 'description'),
    pictureUrl: pictureOf(said, url),
  };
  return page.title === '' && page.description === '' ? null : page;
};

const pictureOf = (said: Map<string, string>, base: string): string | null => {
  const named = said.get('og:image:secure_url') ?? said.get('og:image') ?? said.get('twitter:image');
  if (named === undefined || !URL.canParse(named.trim(), base)) return null;
  const { href, protocol } = new URL(named.trim(), base);
  return /^https?:$/.test(protocol) && href.length <= linkLengthMax ? href : null;
};

export const isHtml = (contentType: string): boolean =>
  /^\s*(text\/html|application\/xhtml\+xml)\s*(;|$)/i.test(contentType);

const wanted = new Set([
  'og:site_name',
  'og:title',
  'og:description',
  'twitter:title',
  'twitter:description',
  'application-name',
  'description',
  'og:image',
  'og:image:secure_url',
  'twitter:image',
]);

/** The first of each name counts. */
const headOf = (html: string): Map<string, string> => {
  const said = new Map<string, string>();
  let depth = 0;
  let tags = 0;
  let isOver = false;
  let inTitle = false;
  const parser = new Parser(
    {
      onopentag: (tag, attributes) => {
        tags += 1;
        depth += 1;
        if (tag === 'body') isOver = true;
        if (isOver) return;
        // A second one is a picture's, in a drawing.
        if (tag === 'title' && !said.has('title')) {
          said.set('title', '');
          inTitle = true;
        }
        if (tag !== 'meta') return;
        const name = (attributes.property ?? attributes.name ?? '').trim().toLowerCase();
        const content = attributes.content ?? '';
        if (wanted.has(name) && content.trim() !== '' && !said.has(name))
          said.set(name, content.slice(0, textMax));
      },
      ontext: (text) => {
        const title = said.get('title') ?? '';
        if (inTitle && !isOver && title.length < textMax) said.set('title', title + text.slice(0, textMax));
      },
      onclosetag: (tag) => {
        depth -= 1;
        if (tag === 'title') inTitle = false;
        if (tag === 'head') isOver = true;
      },
    },
    { decodeEntities: true },
  );
  for (let at = 0; at < html.length && !isOver && tags < tagsMax && depth < depthMax; at += pieceLength)
    parser.write(html.slice(at, at + pieceLength));
  return said;
};

const charsetOf = (contentType: string): string | undefined =>
  /charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(contentType)?.[1];

/** By its mark, by the server's word, by its own; else UTF-8. What is broken is shown as such. */
const decoded = (body: Uint8Array, contentType: string): string => {
  const begin = Buffer.from(body.subarray(0, 1024)).toString('latin1');
  const named =
    markOf(begin) ??
    charsetOf(contentType) ??
    charsetOf(/<meta[^>]{0,200}charset[^>]{0,60}/i.exec(begin)?.[0] ?? '');
  return decoderOf(named ?? 'utf-8').decode(body);
};

const markOf = (begin: string): string | undefined => {
  if (begin.startsWith('\xef\xbb\xbf')) return 'utf-8';
  if (begin.startsWith('\xff\xfe')) return 'utf-16le';
  return begin.startsWith('\xfe\xff') ? 'utf-16be' : undefined;
};

const decoderOf = (label: string): TextDecoder => {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
};

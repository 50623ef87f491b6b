// What our Markdown has and the book has not: ||spoilers|| and mentions. Rules for markdown-it.
import type { MarkdownIt, StateInline } from 'markdown-it';

type Rule = (state: StateInline, silent: boolean) => boolean;

const bar = '|'.charCodeAt(0);
const at = '@'.charCodeAt(0);
/** Up to the next character that may mean something; the parser's own rule does not stop at a bar. */
const words = /[^\n!#$%&*+\-:<=>@[\\\]^_`{|}~]+/y;

export const textRule: Rule = (state, silent) => {
  words.lastIndex = state.pos;
  const found = words.exec(state.src)?.[0];
  if (!found) return false;
  if (!silent) state.pending += found;
  state.pos += found.length;
  return true;
};

/** Like ~~strike~~ with bars: what opens is paired with what closes by the parser itself. */
export const addSpoilers = (parser: MarkdownIt): void => {
  parser.inline.ruler.after('strikethrough', 'spoiler', (state, silent) => {
    if (silent || state.src.charCodeAt(state.pos) !== bar) return false;
    const { length, can_open, can_close } = state.scanDelims(state.pos, true);
    // Three and more are a table or a drawing.
    if (length !== 2) return false;
    state.push('text', '', 0).content = '||';
    const token = state.tokens.length - 1;
    state.delimiters.push({ marker: bar, length: 0, token, end: -1, open: can_open, close: can_close });
    state.pos += 2;
    return true;
  });
  parser.inline.ruler2.before('emphasis', 'spoiler', (state) => {
    pairSpoilers(state, state.delimiters);
    for (const meta of state.tokens_meta) if (meta?.delimiters) pairSpoilers(state, meta.delimiters);
    return true;
  });
};

const pairSpoilers = (state: StateInline, delimiters: StateInline['delimiters']): void => {
  for (const { marker, end, token } of delimiters) {
    const close = delimiters[end];
    if (marker !== bar || !close) continue;
    Object.assign(state.tokens[token]!, { type: 'spoiler_open', nesting: 1, content: '' });
    Object.assign(state.tokens[close.token]!, { type: 'spoiler_close', nesting: -1, content: '' });
  }
};

const before = /[\p{L}\p{N}_@]/u;
const name = /[^\s@/]{1,64}/uy;
const trailing = /[.,:;!?)\]}'"…]$/u;

/** `@name` as the server reads it (gateway/mentions.ts), when `env.names` has the name; the longest reading counts. */
export const addMentions = (parser: MarkdownIt): void => {
  parser.inline.ruler.before('escape', 'mention', (state, silent) => {
    if (state.src.charCodeAt(state.pos) !== at || before.test(state.src.charAt(state.pos - 1))) return false;
    const { names } = state.env as { names: ReadonlySet<string> };
    name.lastIndex = state.pos + 1;
    let found = name.exec(state.src)?.[0] ?? '';
    while (found && !names.has(found)) found = trailing.test(found) ? found.slice(0, -1) : '';
    if (!found) return false;
    if (!silent) state.push('mention', '', 0).content = found;
    state.pos += found.length + 1;
    return true;
  });
};

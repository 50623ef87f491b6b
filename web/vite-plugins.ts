// What the client's build makes out of packages before it bundles them.
import type { Plugin } from 'vite';

/**
 * The Markdown parser's table of HTML entities would be a third of it, and in a message "&amp;" is what somebody typed, in an
 * address too: the table is left out.
 */
export const withoutEntities = (): Plugin => ({
  name: 'without-entities',
  enforce: 'pre',
  resolveId: (id) => (id === 'entities' ? '\0without-entities' : null),
  load: (id) => (id === '\0without-entities' ? 'export const decodeHTMLStrict = (text) => text;' : null),
});

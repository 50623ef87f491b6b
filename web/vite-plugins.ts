// What the client's build makes out of packages before it bundles them.
import enEmoji from 'emojibase-data/en/compact.json' with { type: 'json' };
import enMessages from 'emojibase-data/en/messages.json' with { type: 'json' };
import byEmojibase from 'emojibase-data/en/shortcodes/emojibase.json' with { type: 'json' };
import byGithub from 'emojibase-data/en/shortcodes/github.json' with { type: 'json' };
import viEmoji from 'emojibase-data/vi/compact.json' with { type: 'json' };
import viMessages from 'emojibase-data/vi/messages.json' with { type: 'json' };
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

type Entry = (typeof enEmoji)[number];
/** Skin and hair are no emoji of their own. */
const components = 2;

/** `virtual:emoji`: groups of emoji with names and words to find them by, in the languages of the client. See emoji-data.ts. */
export const emojiData = (): Plugin => ({
  name: 'emoji-data',
  resolveId: (id) => (id === 'virtual:emoji' ? '\0virtual:emoji' : null),
  load: (id) => (id === '\0virtual:emoji' ? `export default ${JSON.stringify(emojiGroups())}` : null),
});

const emojiGroups = () => {
  const codes: Record<string, string | string[]>[] = [byGithub, byEmojibase];
  const vietnamese = new Map(viEmoji.map((one) => [one.hexcode, one]));
  const names = ({ groups }: typeof enMessages) =>
    new Map(groups.map(({ order, message }) => [order, message]));
  const [enNames, viNames] = [names(enMessages), names(viMessages)];
  return [...enNames.keys()]
    .filter((group) => group !== components)
    .map((group) => ({
      en: enNames.get(group),
      vi: viNames.get(group),
      emoji: enEmoji
        .filter((one) => one.group === group)
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
        .map((one) => {
          const other = vietnamese.get(one.hexcode);
          const short = new Set(codes.flatMap((set) => set[one.hexcode] ?? []));
          const words = new Set([...(one.tags ?? []), ...(other?.tags ?? [])]);
          return [
            one.unicode,
            one.label,
            other?.label ?? one.label,
            [...short].join(' '),
            [...words].join(' '),
            hasTones(one) ? 1 : 0,
          ];
        }),
    }));
};

/** Whether each skin tone is the emoji with a modifier after its first sign: then they need not be listed. */
const hasTones = ({ unicode, skins = [] }: Entry): boolean => {
  const [first = '', ...rest] = unicode.replaceAll('\ufe0f', '');
  return (
    skins.length === 5 &&
    skins.every(
      (skin, tone) =>
        skin.unicode.replaceAll('\ufe0f', '') ===
        first + String.fromCodePoint(0x1f3fb + tone) + rest.join(''),
    )
  );
};

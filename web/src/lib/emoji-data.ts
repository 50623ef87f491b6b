// All emoji there are, loaded when somebody first looks for one.
import type { EmojiGroup } from './emoji.ts';
import type { Language } from './i18n.ts';

let loaded: Promise<EmojiGroup[]> | undefined;
let loadedFor: Language | undefined;

export const loadEmoji = (language: Language): Promise<EmojiGroup[]> => {
  if (loaded && loadedFor === language) return loaded;
  loadedFor = language;
  loaded = import('virtual:emoji').then(({ default: groups }) =>
    groups.map((group) => ({
      name: group[language],
      emoji: group.emoji.map(([char, en, vi, codes, words, hasTones]) => ({
        char,
        label: language === 'vi' ? vi : en,
        codes: codes.split(' ').filter(Boolean),
        words: `${en} ${vi} ${words}`,
        hasTones: hasTones === 1,
      })),
    })),
  );
  // A chunk that did not come may come next time.
  loaded.catch(() => (loaded = undefined));
  return loaded;
};

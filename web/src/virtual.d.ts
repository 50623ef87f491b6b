// What web/vite-plugins.ts makes at build time.
declare module 'virtual:emoji' {
  type Entry = [char: string, en: string, vi: string, codes: string, words: string, hasTones: 0 | 1];
  const groups: { en: string; vi: string; emoji: Entry[] }[];
  export default groups;
}

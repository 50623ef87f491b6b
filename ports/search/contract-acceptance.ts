// The acceptance set: what must be found by which words, in which order, whatever index it is.
import type { SearchDocument } from './port.ts';

/** Newest first; a minute apart. */
const texts = {
  exactDuong: 'Đường đến Đà Nẵng dài lắm',
  plainDuong: 'duong nay dai',
  sugar: 'một ký đường nhé',
  duongs: 'Đườngcao tốc',
  hanoi: 'Hà Nội mùa thu',
  haNoiAscii: 'ha noi co gi vui',
  haThere: 'hà tiện quá, nội bộ',
  swapped: 'Nội Hà',
  message: 'The message was delivered',
  mesage: 'a mesage with a typo',
  messages: 'messages are plural',
  massage: 'massage is something else, by one letter',
  nessage: 'nessage begins otherwise',
  japanese: '日本語のテスト',
  chinese: '今天天气很好',
  emoji: 'ship it 🚀 now',
  code: 'const snake_case = foo.bar(baz)',
  link: 'see https://example.org/path?q=1',
  upper: 'SHOUTING LOUD',
  quotes: '"quoted" and \'single\' * NEAR ( ) : ^',
  empty: '…',
} as const;
export type TextName = keyof typeof texts;

export const names = Object.keys(texts) as TextName[];
export const textOfName = (name: TextName): string => texts[name];

/** `typed` → what is found, best first. */
export const acceptance: [typed: string, found: TextName[]][] = [
  // Exact spelling first, newest first within; then without accents; then what begins so.
  ['đường', ['exactDuong', 'sugar', 'plainDuong', 'duongs']],
  ['duong', ['plainDuong', 'exactDuong', 'sugar', 'duongs']],
  ['ĐƯỜNG', ['exactDuong', 'sugar', 'plainDuong', 'duongs']],
  ['đường'.normalize('NFD'), ['exactDuong', 'sugar', 'plainDuong', 'duongs']],
  ['Hà Nội', ['hanoi', 'haThere', 'swapped', 'haNoiAscii']],
  ['"Hà Nội"', ['hanoi', 'haNoiAscii']],
  ['"ha noi"', ['haNoiAscii', 'hanoi']],
  ['"nội hà"', ['swapped']],
  ['hà -thu', ['haThere', 'swapped', 'haNoiAscii']],
  ['hà -"nội bộ"', ['hanoi', 'swapped', 'haNoiAscii']],
  ['message', ['message', 'messages', 'mesage', 'massage']],
  ['mesage', ['mesage', 'message']],
  ['messag', ['message', 'messages']],
  ['"messag"', []],
  ['mes deliv', ['message']],
  ['shouting', ['upper']],
  ['日本', ['japanese']],
  ['テスト', ['japanese']],
  ['天气', ['chinese']],
  ['气天', []],
  ['🚀', ['emoji']],
  ['snake_case', ['code']],
  ['foo.bar', ['code']],
  ['https://example.org/path', ['link']],
  ['near', ['quotes']],
  ['nothing-like-this', []],
  ['mes zzz', []],
];

const start = Date.parse('2026-01-01T00:00:00.000Z');
export const minute = (n: number): string => new Date(start + n * 60_000).toISOString();
export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** The message of that name: its place in the list from the end is its time and its position. */
export const documentOf = (name: TextName, conversationId: string): SearchDocument => {
  const n = names.length - names.indexOf(name);
  return {
    id: idOf(n),
    rev: 1,
    conversationId,
    position: n,
    senderId: idOf(900 + (n % 2)),
    at: minute(n),
    content: texts[name],
    mentions: name === 'hanoi' ? [idOf(950)] : [],
    has: name === 'link' ? ['link'] : [],
    isReply: name === 'mesage',
  };
};

// Characters that nobody sees and that change how others are shown. Pure.

/** Embeddings, overrides, isolates and marks of direction. */
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Those that turn the order of letters round, which no language needs. */
const overrides = /[\u202d\u202e]/gu;

/** For names and addresses: they stand within other text and may not change it. */
export const withoutBidi = (text: string): string => text.replace(bidi, '');

/** For what people write: marks of direction stay, since Arabic and Hebrew need them. */
export const withoutOverrides = (text: string): string => text.replace(overrides, '');

const modifiers = '(?:\\p{Emoji_Modifier}|\\ufe0f|[\\u{e0020}-\\u{e007f}])*';
const pictograph = `\\p{Extended_Pictographic}${modifiers}`;
const emoji = `\\p{Regional_Indicator}{2}|[#*0-9]\\ufe0f?\\u20e3|${pictograph}(?:\\u200d${pictograph})*`;
const fewEmoji = new RegExp(`^(?:(?:${emoji})\\s*){1,6}$`, 'u');

/** Up to six emoji and nothing else: shown larger. Signs like © are letters here. */
export const isEmojiOnly = (text: string): boolean =>
  text.length <= 120 && /[^\s©®™]/u.test(text) && fewEmoji.test(text.trim());

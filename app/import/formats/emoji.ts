// Names that Slack and Mattermost give to emoji, of those that people react with most. Any other name stays a name.

const known: Record<string, string> = {
  '+1': '👍',
  thumbsup: '👍',
  '-1': '👎',
  thumbsdown: '👎',
  heart: '❤️',
  joy: '😂',
  smile: '😄',
  grinning: '😀',
  slightly_smiling_face: '🙂',
  wink: '😉',
  heart_eyes: '😍',
  cry: '😢',
  sob: '😭',
  open_mouth: '😮',
  thinking_face: '🤔',
  rolling_on_the_floor_laughing: '🤣',
  tada: '🎉',
  clap: '👏',
  pray: '🙏',
  raised_hands: '🙌',
  muscle: '💪',
  ok_hand: '👌',
  wave: '👋',
  eyes: '👀',
  fire: '🔥',
  rocket: '🚀',
  100: '💯',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  heavy_plus_sign: '➕',
  warning: '⚠️',
  question: '❓',
  bulb: '💡',
  star: '⭐',
  sparkles: '✨',
  coffee: '☕',
  beers: '🍻',
  cake: '🍰',
  bug: '🐛',
};

const lengthMax = 32;

/** A skin tone is a matter of taste, and left away. */
export const emojiOf = (name: string): string => {
  const plain = name.split('::')[0] as string;
  return Object.hasOwn(known, plain)
    ? (known[plain] as string)
    : `:${[...plain].slice(0, lengthMax - 2).join('')}:`;
};

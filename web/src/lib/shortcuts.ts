// Every key that does something, in one list: handlers ask it, and the sheet shows it.

export type Keys = {
  /** As in `KeyboardEvent.key`; letters small. */
  key: string;
  /** Ctrl, or Cmd on a Mac. */
  mod?: true;
  alt?: true;
  shift?: true;
};

const anywhere = {
  search: { key: 'k', mod: true },
  // Browsers use it for little, and let a page have it.
  switcher: { key: 'j', mod: true },
  next: { key: 'ArrowDown', alt: true },
  previous: { key: 'ArrowUp', alt: true },
  nextUnread: { key: 'ArrowDown', alt: true, shift: true },
  newConversation: { key: 'n', alt: true },
  settings: { key: ',', mod: true },
  help: { key: '?' },
} as const satisfies Record<string, Keys>;

/** While a message has the focus, which the arrow keys give it. */
const messages = {
  messageUp: { key: 'ArrowUp' },
  messageDown: { key: 'ArrowDown' },
  reply: { key: 'r' },
  edit: { key: 'e' },
  react: { key: '+' },
  actions: { key: 'm' },
  toComposer: { key: 'Escape' },
} as const satisfies Record<string, Keys>;

const writing = {
  send: { key: 'Enter' },
  newLine: { key: 'Enter', shift: true },
  editLast: { key: 'ArrowUp' },
  bold: { key: 'b', mod: true },
  italic: { key: 'i', mod: true },
  code: { key: 'e', mod: true },
  strike: { key: 'x', mod: true, shift: true },
  mention: { key: '@' },
  emoji: { key: ':' },
  cancel: { key: 'Escape' },
} as const satisfies Record<string, Keys>;

export const shortcutGroups = { anywhere, messages, writing } as const;
export type ShortcutGroup = keyof typeof shortcutGroups;
export type ShortcutId = { [Group in ShortcutGroup]: keyof (typeof shortcutGroups)[Group] }[ShortcutGroup];

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** A sign such as "?" may need Shift or not, depending on the keyboard: then Shift is not asked for. */
const isSign = (key: string): boolean => key.length === 1 && !/[a-z]/.test(key);

/** With Alt some keyboards write another letter: then the place of the key counts. */
const isKey = (event: Pressed, { key, alt }: Keys): boolean =>
  event.key.toLowerCase() === key.toLowerCase() ||
  (alt === true && /^[a-z]$/.test(key) && event.code === `Key${key.toUpperCase()}`);

export const isPressed = (event: Pressed, keys: Keys): boolean =>
  isKey(event, keys) &&
  (event.ctrlKey || event.metaKey) === (keys.mod ?? false) &&
  event.altKey === (keys.alt ?? false) &&
  (isSign(keys.key) || event.shiftKey === (keys.shift ?? false));

/** Which of a group's shortcuts was pressed. */
export const pressedIn = <Group extends ShortcutGroup>(
  group: Group,
  event: Pressed,
): keyof (typeof shortcutGroups)[Group] | null => {
  for (const [id, keys] of Object.entries(shortcutGroups[group]))
    if (isPressed(event, keys)) return id as keyof (typeof shortcutGroups)[Group];
  return null;
};

const signs: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Enter: 'Enter' };

/** As it stands on the keys of this machine. */
export const keyNames = (keys: Keys, isMac: boolean): string[] => [
  ...(keys.mod ? [isMac ? '⌘' : 'Ctrl'] : []),
  ...(keys.alt ? [isMac ? '⌥' : 'Alt'] : []),
  ...(keys.shift ? [isMac ? '⇧' : 'Shift'] : []),
  signs[keys.key] ?? keys.key.toUpperCase(),
];

/** Somebody types: a plain letter is theirs. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

// Which keys do what: each shortcut is found by its keys, and nothing by others.
import { describe, expect, test } from 'vitest';
import { isPressed, type Keys, keyNames, pressedIn, shortcutGroups } from './shortcuts.ts';

const event = (keys: Partial<KeyboardEvent>) => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...keys,
});

describe('Shortcuts', () => {
  test('given the keys of one, when they are pressed, then it is that one and no other of its group', () => {
    for (const [group, shortcuts] of Object.entries(shortcutGroups))
      for (const [id, keys] of Object.entries<Keys>(shortcuts))
        for (const mod of [{ ctrlKey: true }, { metaKey: true }]) {
          const pressed = event({
            key: keys.key,
            altKey: keys.alt ?? false,
            shiftKey: keys.shift ?? false,
            ...(keys.mod ? mod : {}),
          });
          expect(pressedIn(group as 'anywhere', pressed)).toBe(id);
        }
  });

  test('given another modifier, then it is nothing', () => {
    expect(pressedIn('anywhere', event({ key: 'k' }))).toBeNull();
    expect(pressedIn('anywhere', event({ key: 'k', ctrlKey: true, altKey: true }))).toBeNull();
    expect(pressedIn('anywhere', event({ key: 'ArrowDown' }))).toBeNull();
    expect(pressedIn('messages', event({ key: 'r', ctrlKey: true }))).toBeNull();
  });

  test('given a sign, then Shift does not matter; given Alt and a letter, then the place of the key counts', () => {
    expect(isPressed(event({ key: '?', shiftKey: true }), { key: '?' })).toBe(true);
    expect(isPressed(event({ key: '?' }), { key: '?' })).toBe(true);
    expect(pressedIn('anywhere', event({ key: '˜', code: 'KeyN', altKey: true }))).toBe('newConversation');
  });

  test('are named as on the keys of the machine', () => {
    const { nextUnread, search } = shortcutGroups.anywhere;
    expect(keyNames(nextUnread, false)).toEqual(['Alt', 'Shift', '↓']);
    expect(keyNames(search, true)).toEqual(['⌘', 'K']);
  });
});

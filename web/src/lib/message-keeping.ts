// What a person can do with a message for themselves: entries of its menu.
import type { Chat } from './chat.svelte.ts';
import type { PlainEntry } from './entries.ts';
import type { Text } from './i18n.ts';
import type { Message } from './protocol.ts';
import type { Toasts } from './toasts.svelte.ts';

export const messageKeepingEntries = (
  text: Text,
  chat: Chat,
  toasts: Toasts,
  message: Message,
): PlainEntry[] => {
  const { id, conversationId, position } = message;
  const words = text.own;
  const isSaved = chat.personal.value('saved', id) !== null;
  const save = (isOn: boolean) =>
    chat.personal.change('saved', id, (value) =>
      isOn ? (value ?? { conversationId, at: new Date().toISOString() }) : null,
    );
  const isPinned = message.pinnedAt !== null;
  return [
    {
      label: isPinned ? words.unpinMessage : words.pinMessage,
      icon: 'pin',
      testid: 'pin-message',
      onclick: async () => {
        const changed = await toasts.attempt(() => chat.api.pin(id, !isPinned));
        if (changed) chat.pins.put(changed);
      },
    },
    {
      label: isSaved ? words.unsave : words.save,
      icon: 'bookmark',
      testid: 'save-message',
      onclick: async () => {
        if (await save(!isSaved))
          toasts.say(isSaved ? words.unsavedNow : words.savedNow, {
            isNews: true,
            actions: [{ label: words.undo, onclick: () => void save(isSaved) }],
          });
      },
    },
    {
      label: words.unreadFromHere,
      icon: 'unread',
      testid: 'unread-from-here',
      onclick: async () => {
        if (await chat.personal.changeSettings(conversationId, { unreadFrom: position }))
          toasts.say(words.unreadFromHereNow, { isNews: true });
      },
    },
  ];
};

// What a person can do with a conversation for themselves: the entries of its menu in the list and in its header.
import type { Chat } from './chat.svelte.ts';
import type { Entry } from './entries.ts';
import type { Text } from './i18n.ts';
import { isArchived, muteChoices, mutedUntil, notifyChoices, unreadOf } from './list.ts';
import type { Conversation } from './protocol.ts';
import type { Toasts } from './toasts.svelte.ts';

export const keepingEntries = (
  text: Text,
  chat: Chat,
  toasts: Toasts,
  conversation: Conversation,
): Entry[] => {
  const { id, lastMessage } = conversation;
  const words = text.own;
  const listed = chat.list.listed(conversation);
  const { settings, isMuted } = listed;
  const { count, isMarked } = unreadOf(listed);
  const isAway = isArchived(listed);
  // What came back from the archive by itself stays where it is when something else is changed.
  const change = (patch: Parameters<typeof chat.personal.changeSettings>[1]) =>
    chat.personal.changeSettings(id, { archived: isAway ? true : undefined, ...patch });

  const entries: Entry[] = [];
  if (count > 0 || isMarked)
    entries.push({
      label: words.markRead,
      icon: 'check',
      testid: 'mark-read',
      onclick: () => chat.reading.all(id),
    });
  else if (lastMessage)
    entries.push({
      label: words.markUnread,
      icon: 'unread',
      testid: 'mark-unread',
      onclick: () => void change({ unreadFrom: lastMessage.position }),
    });
  if (!isAway)
    entries.push({
      label: settings.pinned ? words.unpin : words.pin,
      icon: 'pin',
      testid: 'pin-conversation',
      onclick: () => void change({ pinned: settings.pinned ? undefined : true }),
    });
  entries.push(
    isMuted
      ? {
          label: words.unmute,
          icon: 'bell',
          testid: 'unmute',
          onclick: () => void change({ mutedUntil: undefined }),
        }
      : {
          label: words.mute,
          icon: 'bellOff',
          testid: 'mute',
          entries: muteChoices.map((choice) => ({
            label: words.muteFor[choice],
            icon: 'clock' as const,
            testid: `mute-${choice}`,
            onclick: () => void change({ mutedUntil: mutedUntil(choice, new Date()) }),
          })),
        },
  );
  const notify = settings.notify ?? 'usual';
  entries.push({
    label: `${words.notify}…`,
    icon: 'bell',
    testid: 'notify-about',
    entries: notifyChoices.map((choice) => ({
      label: choice === notify ? `${words.notifyAbout[choice]} ✓` : words.notifyAbout[choice],
      icon: choice === 'nothing' ? ('bellOff' as const) : ('bell' as const),
      testid: `notify-${choice}`,
      onclick: () => void change({ notify: choice === 'usual' ? undefined : choice }),
    })),
  });
  entries.push({
    label: isAway ? words.unarchive : words.archive,
    icon: 'archive',
    testid: 'archive',
    onclick: async () => {
      const isDone = await change({ archived: isAway ? undefined : true });
      if (!isDone || isAway) return;
      toasts.say(words.archivedNow(chat.title(id, text.yourself)), {
        isNews: true,
        actions: [
          {
            label: words.undo,
            onclick: () => void chat.personal.changeSettings(id, { archived: undefined }),
          },
        ],
      });
    },
  });
  return entries;
};

// What the menus of the client offer: one line for each entry.
import type { IconName } from '../parts/Icon.svelte';
import type { Text } from './i18n.ts';
import { hrefOf } from './place.ts';
import type { Conversation, Message, User } from './protocol.ts';

/** A way to a page, or something to do here and now. */
export type PlainEntry = { label: string; icon: IconName; testid: string; isDangerous?: boolean } & (
  | { href: string }
  | { onclick: () => void }
);
/** Or a choice of such. */
export type Entry = PlainEntry | { label: string; icon: IconName; testid: string; entries: PlainEntry[] };

/** The menu in the header of an open conversation. */
export const conversationEntries = (text: Text, conversation: Conversation): Entry[] => [
  {
    label: text.playback,
    icon: 'history',
    testid: 'to-playback',
    href: hrefOf({ kind: 'playback', conversationId: conversation.id }),
  },
  {
    label: text.statistics.title,
    icon: 'chart',
    testid: 'open-statistics',
    href: hrefOf({ kind: 'statistics', conversationId: conversation.id }),
  },
];

/** The menu under one's own name. */
export const profileEntries = (text: Text, me: User): PlainEntry[] => {
  const own: PlainEntry[] = [
    {
      label: text.settings,
      icon: 'settings',
      testid: 'settings-entry',
      href: hrefOf({ kind: 'settings', section: null }),
    },
    { label: text.people, icon: 'group', testid: 'people-entry', href: hrefOf({ kind: 'people' }) },
    { label: text.own.saved, icon: 'bookmark', testid: 'saved-entry', href: hrefOf({ kind: 'saved' }) },
  ];
  if (!me.isInstanceAdmin) return own;
  return [
    ...own,
    {
      label: text.operations,
      icon: 'settings',
      testid: 'operations-entry',
      href: hrefOf({ kind: 'operations' }),
    },
    {
      label: text.statistics.title,
      icon: 'chart',
      testid: 'open-instance-statistics',
      href: hrefOf({ kind: 'statistics', conversationId: null }),
    },
  ];
};

/** What can be done with a message; each is one line below. */
export type MessageActs = Record<
  | 'reply'
  | 'copyText'
  | 'copyLink'
  | 'forward'
  | 'edit'
  | 'history'
  | 'reactions'
  | 'readers'
  | 'why'
  | 'remove',
  () => void
>;

/** The menu of a message, below the emoji. */
export const messageEntries = (text: Text, message: Message, me: User, acts: MessageActs): PlainEntry[] => {
  const isOwn = message.senderId === me.id;
  const when = (condition: boolean, entry: PlainEntry) => (condition ? [entry] : []);
  return [
    { label: text.reply, icon: 'reply', testid: 'reply', onclick: acts.reply },
    ...when(message.content !== '', {
      label: text.copyText,
      icon: 'copy',
      testid: 'copy-text',
      onclick: acts.copyText,
    }),
    { label: text.copyLink, icon: 'link', testid: 'copy-link', onclick: acts.copyLink },
    { label: text.forward, icon: 'forward', testid: 'forward', onclick: acts.forward },
    ...when(isOwn, { label: text.edit, icon: 'edit', testid: 'edit-message', onclick: acts.edit }),
    ...when(message.editedAt !== null, {
      label: text.editHistory,
      icon: 'history',
      testid: 'show-history',
      onclick: acts.history,
    }),
    ...when(message.reactions.length > 0, {
      label: text.whoReacted,
      icon: 'smile',
      testid: 'show-reactions',
      onclick: acts.reactions,
    }),
    ...when(isOwn, { label: text.whoRead, icon: 'checks', testid: 'show-readers', onclick: acts.readers }),
    ...when(!isOwn, { label: text.whyTold, icon: 'bell', testid: 'why-told', onclick: acts.why }),
    ...when(isOwn, {
      label: text.delete,
      icon: 'trash',
      testid: 'delete-message',
      isDangerous: true,
      onclick: acts.remove,
    }),
  ];
};

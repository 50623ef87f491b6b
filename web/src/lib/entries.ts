// What the two menus of the client offer: one line for each entry.
import type { IconName } from '../parts/Icon.svelte';
import type { Text } from './i18n.ts';
import { hrefOf } from './place.ts';
import type { Conversation, User } from './protocol.ts';

/** A way to a page, or something to do here and now. */
export type Entry = { label: string; icon: IconName; testid: string } & (
  | { href: string }
  | { onclick: () => void }
);

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
export const profileEntries = (text: Text, me: User): Entry[] =>
  me.isInstanceAdmin
    ? [
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
      ]
    : [];

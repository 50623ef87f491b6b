// The words of the shortcut sheet, loaded with it.
import type { ShortcutGroup, ShortcutId } from './shortcuts.ts';

type Sheet = {
  title: string;
  groups: Record<ShortcutGroup, string>;
  shortcuts: Record<ShortcutId, string>;
};

export const sheetEn: Sheet = {
  title: 'Keyboard shortcuts',
  groups: { anywhere: 'Anywhere', messages: 'In the messages', writing: 'While writing' },
  shortcuts: {
    search: 'Search',
    switcher: 'Go to a conversation or a person',
    next: 'Next conversation',
    previous: 'Previous conversation',
    nextUnread: 'Next unread conversation',
    newConversation: 'New conversation',
    settings: 'Settings',
    help: 'This list',
    messageUp: 'Message above',
    messageDown: 'Message below',
    reply: 'Reply',
    edit: 'Edit (own messages)',
    react: 'React',
    actions: 'Everything that can be done',
    toComposer: 'Back to writing',
    send: 'Send',
    newLine: 'New line',
    editLast: 'Edit the last own message (empty field)',
    bold: 'Bold',
    italic: 'Italic',
    code: 'Code',
    strike: 'Strike out',
    mention: 'Mention somebody',
    emoji: 'Emoji',
    cancel: 'Cancel the reply or edit',
  },
};
export type { Sheet };

import { describe, expect, test } from 'vitest';
import { apply } from '../consumers/history/apply.ts';
import type { ChatEvent, ConversationEvent } from '../schemas/events.ts';
import { directConversationId, messageId } from '../schemas/ids.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal } from '../schemas/refusal.ts';
import type { MessageRow, PinRow, ReactionRow } from '../schemas/rows.ts';
import {
  addMembers,
  changeConversation,
  changeMember,
  createConversation,
  removeMember,
} from './conversation.ts';
import type { Context, Decision } from './decider.ts';
import {
  deleteMessage,
  editMessage,
  markRead,
  pin,
  react,
  type SendMessage,
  sendMessage,
} from './message.ts';
import { type ConversationState, evolve, isAdmin, isMember, maySee } from './state.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [an, binh, chi, dung] = [id(1), id(2), id(3), id(4)] as [string, string, string, string];
let made = 100;
const as = (actorId: string): Context => ({
  actorId,
  now: '2026-01-02T03:04:05.678Z',
  newId: () => id(made++),
});

const eventsOf = (decision: Decision): ChatEvent[] => {
  if (isRefusal(decision)) throw new Error(`refused: ${decision.code}`);
  return decision;
};
const only = <T extends ChatEvent['type']>(decision: Decision, type: T): Extract<ChatEvent, { type: T }> => {
  const events = eventsOf(decision);
  expect(events.map((event) => event.type)).toEqual([type]);
  return events[0] as Extract<ChatEvent, { type: T }>;
};

/** The state after these decisions, each at the next place. */
class Story {
  state: ConversationState | null = null;
  place = 0;

  take(decision: Decision): this {
    for (const event of eventsOf(decision)) {
      this.place++;
      this.state = evolve(this.state, apply(event as ConversationEvent, this.place));
    }
    return this;
  }
}

const group = (...memberIds: string[]): Story =>
  new Story().take(createConversation({ isGroup: true, name: 'Nhóm', memberIds }, as(an)));
const direct = (): Story =>
  new Story().take(createConversation({ isGroup: false, name: null, memberIds: [binh] }, as(an)));

const sending: SendMessage = {
  ref: id(50),
  content: 'xin chào',
  replyTo: null,
  attachments: [],
  mentions: [],
};
const sent = (story: Story, by = an, change: Partial<SendMessage> = {}): MessageRow =>
  only(sendMessage(story.state, { ...sending, ...change }, as(by)), 'message.sent').data.message;

const refusedAs = (code: string) => ({ kind: 'refusal', code });

describe('creating a conversation', () => {
  test('a one-to-one conversation of the same two is the same one, whoever begins', () => {
    const byAn = createConversation({ isGroup: false, name: 'ignored', memberIds: [binh] }, as(an));
    const byBinh = createConversation({ isGroup: false, name: null, memberIds: [an] }, as(binh));
    for (const decision of [byAn, byBinh]) {
      const { subject, data } = only(decision, 'conversation.created');
      expect(subject).toBe(directConversationId(an, binh));
      expect(data.conversation).toMatchObject({ id: subject, isGroup: false, name: null, rev: 1 });
      expect(data.members.map(({ isAdmin: admin }) => admin)).toEqual([false, false]);
    }
  });

  test.each([[[]], [[binh, chi]], [[an]]])('a one-to-one conversation with %j is refused', (memberIds) => {
    expect(createConversation({ isGroup: false, name: null, memberIds }, as(an))).toMatchObject(
      refusedAs('invalid_input'),
    );
  });

  test('a group has its maker as a member and first admin, each person once', () => {
    const { data } = only(
      createConversation({ isGroup: true, name: 'N', memberIds: [binh, an, binh] }, as(an)),
      'conversation.created',
    );
    expect(data.members.map(({ userId, isAdmin: admin }) => [userId, admin])).toEqual([
      [an, true],
      [binh, false],
    ]);
  });

  test.each([null, ''])('a group without a name (%j) is refused', (name) => {
    expect(createConversation({ isGroup: true, name, memberIds: [] }, as(an))).toMatchObject(
      refusedAs('invalid_input'),
    );
  });

  test('names are in NFC', () => {
    const name = 'Hà Nội'.normalize('NFD');
    const { data } = only(
      createConversation({ isGroup: true, name, memberIds: [] }, as(an)),
      'conversation.created',
    );
    expect(data.conversation.name).toBe('Hà Nội'.normalize('NFC'));
  });
});

describe('who may change a group', () => {
  const commands: [string, (story: Story, by: string) => Decision][] = [
    ['rename', ({ state }, by) => changeConversation(state, { name: 'x' }, as(by))],
    ['add', ({ state }, by) => addMembers(state, { userIds: [dung], isAdmin: false }, as(by))],
    ['promote', ({ state }, by) => changeMember(state, { userId: binh, isAdmin: true }, as(by))],
    ['remove', ({ state }, by) => removeMember(state, { userId: chi }, as(by))],
  ];

  test.each(commands)(
    '%s: an admin may, a member may not, nobody else learns that it exists',
    (_, command) => {
      expect(isRefusal(command(group(binh, chi), an))).toBe(false);
      expect(command(group(binh, chi), binh)).toMatchObject(refusedAs('not_an_admin'));
      expect(command(group(binh, chi), dung)).toMatchObject(refusedAs('not_a_member'));
      expect(command(new Story(), an)).toMatchObject(refusedAs('not_a_member'));
    },
  );

  test.each(commands)('%s: a conversation of two cannot be changed', (_, command) => {
    expect(command(direct(), an)).toMatchObject(refusedAs('direct_is_fixed'));
  });

  test('a former admin may no more', () => {
    const story = group(binh, chi);
    story.take(changeMember(story.state, { userId: binh, isAdmin: true }, as(an)));
    story.take(removeMember(story.state, { userId: an }, as(an)));
    for (const [, command] of commands) expect(command(story, an)).toMatchObject(refusedAs('not_a_member'));
  });
});

describe('changing a group', () => {
  test('carries the whole row with the next rev and keeps what was not named', () => {
    const story = group(binh);
    story.take(changeConversation(story.state, { historyVisibility: 'all' }, as(an)));
    const { data } = only(changeConversation(story.state, { name: 'Mới' }, as(an)), 'conversation.changed');
    expect(data.conversation).toMatchObject({ name: 'Mới', historyVisibility: 'all', rev: 3, createdBy: an });
  });
});

describe('adding members', () => {
  test('who is a member already is left as they are; nobody left is no event', () => {
    const { state } = group(binh);
    const added = only(
      addMembers(state, { userIds: [binh, chi, chi], isAdmin: false }, as(an)),
      'member.added',
    );
    expect(added.data.members.map(({ userId }) => userId)).toEqual([chi]);
    expect(addMembers(state, { userIds: [binh, an], isAdmin: true }, as(an))).toEqual([]);
  });

  test('coming back keeps the earlier stretches, each as half-open places', () => {
    const story = group(binh);
    for (let round = 0; round < 2; round++) {
      story.take(removeMember(story.state, { userId: binh }, as(an)));
      story.take(addMembers(story.state, { userIds: [binh], isAdmin: false }, as(an)));
    }
    // created 1, removed 2, added 3, removed 4, added 5
    const state = story.state as ConversationState;
    const member = state.members.get(binh);
    expect(member).toMatchObject({ joinedPosition: 5, leftPosition: null, rev: 5 });
    expect(member?.spans).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const seen = [1, 2, 3, 4, 5, 9].filter((place) => maySee(state, binh, place));
    expect(seen).toEqual([1, 3, 5, 9]);
  });
});

describe('promoting and demoting', () => {
  test('what is so already is no event', () => {
    const { state } = group(binh);
    expect(changeMember(state, { userId: binh, isAdmin: false }, as(an))).toEqual([]);
  });

  test('the last admin stays one', () => {
    const story = group(binh);
    expect(changeMember(story.state, { userId: an, isAdmin: false }, as(an))).toMatchObject(
      refusedAs('last_admin'),
    );
    story.take(changeMember(story.state, { userId: binh, isAdmin: true }, as(an)));
    story.take(changeMember(story.state, { userId: an, isAdmin: false }, as(an)));
    expect(isAdmin(story.state as ConversationState, an)).toBe(false);
  });

  test('of somebody who is no member is not found', () => {
    const story = group(binh);
    expect(changeMember(story.state, { userId: chi, isAdmin: true }, as(an))).toMatchObject(
      refusedAs('not_found'),
    );
    story.take(removeMember(story.state, { userId: binh }, as(an)));
    expect(changeMember(story.state, { userId: binh, isAdmin: true }, as(an))).toMatchObject(
      refusedAs('not_found'),
    );
  });
});

describe('leaving and removing', () => {
  test('everybody may leave; twice is refused', () => {
    const story = group(binh);
    story.take(removeMember(story.state, { userId: binh }, as(binh)));
    expect(isMember(story.state as ConversationState, binh)).toBe(false);
    expect(removeMember(story.state, { userId: binh }, as(binh))).toMatchObject(refusedAs('not_a_member'));
    expect(removeMember(story.state, { userId: binh }, as(an))).toMatchObject(refusedAs('not_found'));
  });

  test('when the last admin leaves, the longest-standing member becomes one first', () => {
    const story = group(binh);
    story.take(removeMember(story.state, { userId: binh }, as(an)));
    story.take(addMembers(story.state, { userIds: [chi], isAdmin: false }, as(an)));
    story.take(addMembers(story.state, { userIds: [binh], isAdmin: false }, as(an)));
    const leaving = eventsOf(removeMember(story.state, { userId: an }, as(an)));
    expect(leaving.map(({ type }) => type)).toEqual(['member.changed', 'member.removed']);
    story.take(leaving);
    const state = story.state as ConversationState;
    expect([isAdmin(state, chi), isAdmin(state, binh), isMember(state, an), state.adminCount]).toEqual([
      true,
      false,
      false,
      1,
    ]);
  });

  test('the last person may leave: nobody is left to inherit', () => {
    const story = group();
    only(removeMember(story.state, { userId: an }, as(an)), 'member.removed');
    story.take(removeMember(story.state, { userId: an }, as(an)));
    expect(story.state).toMatchObject({ activeCount: 0, adminCount: 0 });
  });
});

describe('sending', () => {
  test('the same ref of the same sender is the same message and the same event, in every retry', () => {
    const story = group(binh);
    const [first, again] = [0, 1].map(() => only(sendMessage(story.state, sending, as(an)), 'message.sent'));
    expect(first?.id).toBe(messageId(an, sending.ref));
    expect(again?.id).toBe(first?.id);
    expect(first?.data.message).toMatchObject({ id: first?.id, rev: 1, position: 0 });
    expect(sent(story, binh).id).not.toBe(first?.id);
  });

  test('only members send', () => {
    const story = group(binh);
    expect(sendMessage(story.state, sending, as(chi))).toMatchObject(refusedAs('not_a_member'));
    expect(sendMessage(null, sending, as(an))).toMatchObject(refusedAs('not_a_member'));
    story.take(removeMember(story.state, { userId: binh }, as(an)));
    expect(sendMessage(story.state, sending, as(binh))).toMatchObject(refusedAs('not_a_member'));
  });

  test('text becomes NFC and nothing else is changed; only members are mentioned', () => {
    const content = `\u0000 ${'Hà Nội'.normalize('NFD')} \n`;
    const message = sent(group(binh), an, { content, mentions: [binh, chi] });
    expect(message).toMatchObject({ content: content.normalize('NFC'), mentions: [binh] });
  });

  test('an import names who wrote it and when', () => {
    const imported = { senderId: binh, at: '2001-01-01T00:00:00.000Z' };
    const event = only(sendMessage(group(binh).state, { ...sending, imported }, as(an)), 'message.sent');
    expect(event.actor).toBe(an);
    expect(event.data.message).toMatchObject({ senderId: binh, createdAt: imported.at });
    expect(event.id).toBe(messageId(binh, sending.ref));
  });
});

describe('changing a message', () => {
  const story = group(binh, chi);
  const message: MessageRow = { ...sent(story, binh), position: 7 };
  const gone: MessageRow = { ...message, deletedAt: '2026-01-02T03:04:05.678Z', content: '', rev: 2 };
  const edit = { content: 'khác', mentions: [] };

  test('words may be missing where a file speaks, and nowhere else', () => {
    const file = { mediaId: id(77), name: 'a.png', contentType: 'image/png', size: 1 };
    const empty = { ref: id(60), content: '', replyTo: null, mentions: [] };
    expect(sendMessage(story.state, { ...empty, attachments: [] }, as(binh))).toMatchObject({
      ...refusedAs('invalid_input'),
      errors: [{ path: '/content' }],
    });
    const sent = only(sendMessage(story.state, { ...empty, attachments: [file] }, as(binh)), 'message.sent');
    expect(sent.data.message).toMatchObject({ content: '', attachments: [file] });
    const wordless = { content: '', mentions: [] };
    expect(editMessage(story.state, message, wordless, as(binh))).toMatchObject(refusedAs('invalid_input'));
    const withFile = { ...message, attachments: [file] };
    const edited = only(editMessage(story.state, withFile, wordless, as(binh)), 'message.edited');
    expect(edited.data.message).toMatchObject({ content: '', attachments: [file], rev: 2 });
  });

  test('its sender edits it: next rev, same place', () => {
    const { data } = only(editMessage(story.state, message, edit, as(binh)), 'message.edited');
    expect(data.message).toMatchObject({ id: message.id, content: 'khác', rev: 2, position: 7 });
    expect(data.message.editedAt).not.toBeNull();
  });

  test('nobody else edits it, an admin neither', () => {
    expect(editMessage(story.state, message, edit, as(an))).toMatchObject(refusedAs('not_the_sender'));
    expect(editMessage(story.state, message, edit, as(dung))).toMatchObject(refusedAs('not_a_member'));
  });

  test.each([
    ['its sender', binh, true],
    ['an admin', an, true],
    ['another member', chi, false],
  ])('%s deletes it: %s', (_, by, may) => {
    const decision = deleteMessage(story.state, message, as(by));
    if (!may) expect(decision).toMatchObject(refusedAs('not_the_sender'));
    else {
      const { data } = only(decision, 'message.deleted');
      expect(data.message).toMatchObject({ content: '', attachments: [], mentions: [], rev: 2, position: 7 });
    }
  });

  test('deleted is deleted: no edit, no reaction, no second deletion', () => {
    const like = { emoji: '👍', active: true, former: null };
    expect(editMessage(story.state, gone, edit, as(binh))).toMatchObject(refusedAs('deleted'));
    expect(react(story.state, gone, like, as(binh))).toMatchObject(refusedAs('deleted'));
    expect(deleteMessage(story.state, gone, as(binh))).toEqual([]);
  });

  test('reactions are rows of their own whose rev counts on; what is so already is no event', () => {
    const like = { emoji: '👍', active: true };
    const given = only(react(story.state, message, { ...like, former: null }, as(chi)), 'reaction.changed');
    const former: ReactionRow = given.data.reaction;
    expect(former).toMatchObject({ userId: chi, messageId: message.id, active: true, rev: 1 });
    expect(react(story.state, message, { ...like, former }, as(chi))).toEqual([]);
    const taken = only(
      react(story.state, message, { ...like, active: false, former }, as(chi)),
      'reaction.changed',
    );
    expect(taken.data.reaction).toMatchObject({ active: false, rev: 2 });
    expect(react(story.state, message, { ...like, active: false, former: null }, as(chi))).toEqual([]);
    expect(react(story.state, message, { ...like, former: null }, as(dung))).toMatchObject(
      refusedAs('not_a_member'),
    );
  });

  test('any member pins and unpins, up to a bound; what is so already is no event, a deleted message is never pinned', () => {
    const on = { active: true, pinned: 0 };
    const given = only(pin(story.state, message, { ...on, former: null }, as(chi)), 'pin.changed');
    const former: PinRow = given.data.pin;
    expect(former).toMatchObject({ userId: chi, messageId: message.id, active: true, rev: 1 });
    expect(pin(story.state, message, { ...on, former }, as(binh))).toEqual([]);
    const off = { active: false, pinned: 1, former };
    expect(only(pin(story.state, message, off, as(binh)), 'pin.changed').data.pin).toMatchObject({
      userId: binh,
      active: false,
      rev: 2,
    });
    expect(pin(story.state, message, { ...off, former: null }, as(binh))).toEqual([]);
    const full = { active: true, pinned: limits.pinsMax, former: null };
    expect(pin(story.state, message, full, as(chi))).toMatchObject(refusedAs('too_many'));
    expect(pin(story.state, gone, { ...on, former: null }, as(binh))).toMatchObject(refusedAs('deleted'));
    expect(pin(story.state, message, { ...on, former: null }, as(dung))).toMatchObject(
      refusedAs('not_a_member'),
    );
  });
});

describe('reading', () => {
  test('a mark only moves forward, and its rev is its position', () => {
    const { state } = group(binh);
    const { data } = only(markRead(state, { position: 5, former: 3 }, as(binh)), 'read.marked');
    expect(data.read).toMatchObject({ userId: binh, position: 5, rev: 5 });
    for (const former of [5, 9]) expect(markRead(state, { position: 5, former }, as(binh))).toEqual([]);
    expect(markRead(state, { position: 5, former: 0 }, as(chi))).toMatchObject(refusedAs('not_a_member'));
  });
});

// What two gateways decide at the same moment, and what becomes of it at its place.
import { describe, expect, test } from 'vitest';
import { apply } from '../consumers/history/apply.ts';
import type { ConversationEvent } from '../schemas/events.ts';
import { isRefusal } from '../schemas/refusal.ts';
import type { MessageRow } from '../schemas/rows.ts';
import { admit } from './admit.ts';
import {
  addMembers,
  changeConversation,
  changeMember,
  createConversation,
  removeMember,
} from './conversation.ts';
import type { Context, Decision } from './decider.ts';
import { deleteMessage, editMessage, markRead, pin, react, sendMessage } from './message.ts';
import { addPreview, removePreview } from './preview.ts';
import { type ConversationState, evolve } from './state.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [an, binh, chi, dung] = [id(1), id(2), id(3), id(4)] as [string, string, string, string];
let made = 100;
const as = (actorId: string): Context => ({
  actorId,
  now: '2026-01-02T03:04:05.678Z',
  newId: () => id(made++),
});
const events = (decision: Decision): ConversationEvent[] => {
  if (isRefusal(decision)) throw new Error(`refused: ${decision.code}`);
  return decision as ConversationEvent[];
};
const one = (decision: Decision): ConversationEvent => events(decision)[0] as ConversationEvent;

/** The log of one conversation: what is void there changes nothing. */
class Log {
  state: ConversationState | null = null;
  place = 0;

  /** Verdicts: `admitted` or the code of the refusal. */
  append(...all: ConversationEvent[]): string[] {
    return all.map((event) => {
      this.place++;
      const refusal = admit(this.state, event);
      if (refusal) return refusal.code;
      this.state = evolve(this.state, apply(event, this.place));
      return 'admitted';
    });
  }
}

const group = (...memberIds: string[]): Log => {
  const log = new Log();
  log.append(one(createConversation({ isGroup: true, name: 'Nhóm', memberIds }, as(an))));
  return log;
};
const send = (state: ConversationState | null, by: string, ref = id(50)) =>
  sendMessage(state, { ref, content: 'x', replyTo: null, attachments: [], mentions: [] }, as(by));
const add = (log: Log, userId: string, by = an) =>
  one(addMembers(log.state, { userIds: [userId], isAdmin: false }, as(by)));
const remove = (log: Log, userId: string, by = an) => one(removeMember(log.state, { userId }, as(by)));
const promote = (log: Log, userId: string, isAdmin: boolean, by = an) =>
  one(changeMember(log.state, { userId, isAdmin }, as(by)));

describe('what was decided is admitted where nothing came between', () => {
  test('every kind of event', () => {
    const log = group(binh);
    const take = (decision: Decision) =>
      expect(log.append(...events(decision))).not.toContain('not_a_member');
    take(changeConversation(log.state, { name: 'y' }, as(an)));
    take(addMembers(log.state, { userIds: [chi], isAdmin: false }, as(an)));
    take(changeMember(log.state, { userId: chi, isAdmin: true }, as(an)));
    const sent = one(send(log.state, binh)) as Extract<ConversationEvent, { type: 'message.sent' }>;
    take([sent]);
    const message: MessageRow = { ...sent.data.message, position: log.place };
    take(editMessage(log.state, message, { content: 'z', mentions: [] }, as(binh)));
    take(react(log.state, message, { emoji: '👍', active: true, former: null }, as(an)));
    take(markRead(log.state, { position: message.position, former: 0 }, as(chi)));
    take(deleteMessage(log.state, message, as(chi)));
    take(removeMember(log.state, { userId: an }, as(an)));
    expect(log.state).toMatchObject({ activeCount: 2, adminCount: 1 });
  });
});

describe('races', () => {
  test('removed before the message stands in the log: the message is void', () => {
    const log = group(binh);
    const [message, removal] = [one(send(log.state, binh)), remove(log, binh)];
    expect(log.append(removal, message)).toEqual(['admitted', 'not_a_member']);
  });

  test('removed after it: the message stands', () => {
    const log = group(binh);
    const [message, removal] = [one(send(log.state, binh)), remove(log, binh)];
    expect(log.append(message, removal)).toEqual(['admitted', 'admitted']);
  });

  test('void as a former member, the same message sent again as a member is admitted', () => {
    const log = group(binh);
    const message = one(send(log.state, binh));
    expect(log.append(remove(log, binh), message)).toEqual(['admitted', 'not_a_member']);
    expect(log.append(add(log, binh), message)).toEqual(['admitted', 'admitted']);
  });

  test('everything that a removed person did at that moment is void', () => {
    const log = group(binh);
    const sent = one(send(log.state, binh)) as Extract<ConversationEvent, { type: 'message.sent' }>;
    log.append(sent);
    const message = { ...sent.data.message, position: log.place };
    const late = [
      one(editMessage(log.state, message, { content: 'z', mentions: [] }, as(binh))),
      one(deleteMessage(log.state, message, as(binh))),
      one(react(log.state, message, { emoji: '👍', active: true, former: null }, as(binh))),
      one(markRead(log.state, { position: 1, former: 0 }, as(binh))),
      remove(log, binh, binh),
    ];
    log.append(remove(log, binh));
    expect(log.append(...late)).toEqual(late.map(() => 'not_a_member'));
  });

  test('two admins add the same person: the second is void', () => {
    const log = group(binh);
    log.append(promote(log, binh, true));
    expect(log.append(...[add(log, chi, an), add(log, chi, binh)])).toEqual(['admitted', 'conflict']);
    expect(log.state?.activeCount).toBe(3);
  });

  test('an addition of several of whom one was added meanwhile is void as a whole', () => {
    const log = group();
    const both = one(addMembers(log.state, { userIds: [binh, chi], isAdmin: false }, as(an)));
    expect(log.append(add(log, chi), both)).toEqual(['admitted', 'conflict']);
    expect(log.state?.members.has(binh)).toBe(false);
  });

  test('two removals of the same person: the second is void, and void again after they came back', () => {
    const log = group(binh);
    const [first, second] = [remove(log, binh), remove(log, binh)];
    expect(log.append(first, second)).toEqual(['admitted', 'conflict']);
    log.append(add(log, binh));
    expect(log.append(first, second)).toEqual(['conflict', 'conflict']);
    expect(log.state?.members.get(binh)?.active).toBe(true);
  });

  test('two admins demote each other: one stays', () => {
    const log = group(binh);
    log.append(promote(log, binh, true));
    const [demoted, other] = [promote(log, an, false, binh), promote(log, binh, false, an)];
    expect(log.append(demoted, other)).toEqual(['admitted', 'not_an_admin']);
    expect(log.state?.adminCount).toBe(1);
  });

  test('two admins step down by themselves at the same moment: the last one stays', () => {
    const log = group(binh);
    log.append(promote(log, binh, true));
    const [first, second] = [promote(log, an, false, an), promote(log, binh, false, binh)];
    expect(log.append(first, second)).toEqual(['admitted', 'last_admin']);
  });

  test('both admins leave at the same moment: the second is decided again, and leaves an heir', () => {
    const log = group(binh, chi);
    log.append(promote(log, binh, true));
    const [first, second] = [remove(log, an, an), remove(log, binh, binh)];
    expect(log.append(first, second)).toEqual(['admitted', 'conflict']);
    log.append(...events(removeMember(log.state, { userId: binh }, as(binh))));
    expect(log.state).toMatchObject({ activeCount: 1, adminCount: 1 });
  });

  test('an heir who was removed meanwhile: the last admin stays until decided again', () => {
    const log = group(binh, chi);
    const leaving = events(removeMember(log.state, { userId: an }, as(an)));
    log.append(remove(log, binh));
    expect(log.append(...leaving)).toEqual(['conflict', 'conflict']);
    expect(log.append(...events(removeMember(log.state, { userId: an }, as(an))))).toEqual([
      'admitted',
      'admitted',
    ]);
    expect(log.state?.adminCount).toBe(1);
  });

  test('an admin who was demoted meanwhile changes nothing', () => {
    const log = group(binh, chi);
    log.append(promote(log, binh, true));
    const late = [
      add(log, dung, binh),
      remove(log, chi, binh),
      promote(log, chi, true, binh),
      one(changeConversation(log.state, { name: 'y' }, as(binh))),
    ];
    log.append(promote(log, binh, false));
    expect(log.append(...late)).toEqual(late.map(() => 'not_an_admin'));
  });

  test('two renames: the second is void instead of undoing what else the first changed', () => {
    const log = group();
    const first = one(changeConversation(log.state, { historyVisibility: 'all' }, as(an)));
    const second = one(changeConversation(log.state, { name: 'y' }, as(an)));
    expect(log.append(first, second)).toEqual(['admitted', 'conflict']);
    expect(log.state?.conversation).toMatchObject({ historyVisibility: 'all', name: 'Nhóm' });
  });

  test('two people begin their one conversation: the second is void', () => {
    const log = new Log();
    const byAn = one(createConversation({ isGroup: false, name: null, memberIds: [binh] }, as(an)));
    const byBinh = one(createConversation({ isGroup: false, name: null, memberIds: [an] }, as(binh)));
    expect(log.append(byAn, byBinh)).toEqual(['admitted', 'conflict']);
    expect(log.append(one(send(log.state, binh)))).toEqual(['admitted']);
  });

  test('a late duplicate of any membership event is void', () => {
    const log = group(binh);
    const all = [add(log, chi)];
    log.append(...all);
    all.push(promote(log, chi, true));
    log.append(all[1] as ConversationEvent);
    all.push(remove(log, chi));
    log.append(all[2] as ConversationEvent);
    const before = structuredClone(log.state);
    expect(log.append(...all)).toEqual(['conflict', 'conflict', 'conflict']);
    expect(log.state).toEqual(before);
  });
});

describe('previews', () => {
  const log = group(binh, chi);
  const sent = one(send(log.state, binh)) as Extract<ConversationEvent, { type: 'message.sent' }>;
  log.append(sent);
  const message = { ...sent.data.message, position: log.place };
  const page = { siteName: 's', title: 't', description: 'd', image: null };
  const added = addPreview(message, 'https://a.example/', page, '2026-01-02T03:04:06.000Z') as Extract<
    ConversationEvent,
    { type: 'preview.changed' }
  >;
  const { preview } = added.data;
  const removed = (by: string) => one(removePreview(log.state, message, preview, as(by)));

  test('are added by the system and by nobody else', () => {
    expect(admit(log.state, added)).toBeNull();
    expect(admit(log.state, { ...added, actor: binh })?.code).toBe('not_the_sender');
    expect(admit(log.state, { ...added, subject: id(9) })?.code).toBe('invalid_input');
    expect(admit(null, added)?.code).toBe('not_a_member');
    const bySystem = { ...added, data: { preview: { ...preview, active: false } } };
    expect(admit(log.state, bySystem)?.code).toBe('not_a_member');
  });

  test('are removed by whoever wrote the message and by admins, empty and for good', () => {
    for (const by of [an, binh]) {
      expect(admit(log.state, removed(by))).toBeNull();
      expect(removed(by)).toMatchObject({ data: { preview: { active: false, title: '', rev: 2 } } });
    }
    expect(removePreview(log.state, message, preview, as(chi))).toMatchObject({ code: 'not_the_sender' });
    expect(removePreview(log.state, message, preview, as(dung))).toMatchObject({ code: 'not_a_member' });
    const deleted = { ...message, deletedAt: message.createdAt };
    expect(removePreview(log.state, deleted, preview, as(binh))).toMatchObject({ code: 'deleted' });
    expect(removePreview(log.state, message, { ...preview, active: false }, as(binh))).toEqual([]);
    expect(admit(log.state, { ...removed(binh), actor: chi } as ConversationEvent)?.code).toBe(
      'not_the_sender',
    );
  });

  test('a removal by somebody who was removed before is void', () => {
    const late = removed(binh);
    expect(log.append(remove(log, binh), late)).toEqual(['admitted', 'not_a_member']);
  });
});

describe('forgeries', () => {
  const log = group(binh, chi);
  const message = one(send(log.state, binh)) as Extract<ConversationEvent, { type: 'message.sent' }>;
  log.append(message);
  const row = { ...message.data.message, position: log.place };
  const by = (event: ConversationEvent, actor: string | null) => ({ ...event, actor }) as ConversationEvent;
  const verdict = (event: ConversationEvent) => admit(log.state, event)?.code ?? 'admitted';

  test.each<[string, ConversationEvent]>([
    ['message', one(send(log.state, binh, id(51)))],
    ['edit', one(editMessage(log.state, row, { content: 'z', mentions: [] }, as(binh)))],
    ['deletion', one(deleteMessage(log.state, row, as(binh)))],
    ['reaction', one(react(log.state, row, { emoji: '👍', active: true, former: null }, as(binh)))],
    ['pin', one(pin(log.state, row, { active: true, former: null, pinned: 0 }, as(binh)))],
    ['read mark', one(markRead(log.state, { position: 1, former: 0 }, as(binh)))],
  ])('a %s in the name of another is void', (_, event) => {
    expect(verdict(by(event, chi))).toBe('not_the_sender');
    expect(verdict(by(event, dung))).toBe('not_a_member');
    expect(verdict(by(event, null))).toBe('not_a_member');
  });

  test('an admin deletes for others and imports for members, and for nobody else', () => {
    expect(verdict(by(one(deleteMessage(log.state, row, as(binh))), an))).toBe('admitted');
    const imported = (senderId: string) =>
      one(
        sendMessage(
          log.state,
          {
            ref: id(52),
            content: 'x',
            replyTo: null,
            attachments: [],
            mentions: [],
            imported: { senderId, at: '2001-01-01T00:00:00.000Z' },
          },
          as(an),
        ),
      );
    expect(verdict(imported(binh))).toBe('admitted');
    expect(verdict(imported(dung))).toBe('not_the_sender');
    expect(verdict(by(imported(binh), chi))).toBe('not_the_sender');
  });

  test('an event that names another conversation than its place is void', () => {
    expect(verdict({ ...message, subject: id(9) })).toBe('invalid_input');
    const other = one(createConversation({ isGroup: true, name: 'x', memberIds: [] }, as(an)));
    expect(admit(null, { ...other, subject: id(9) })?.code).toBe('invalid_input');
  });

  test('members of another conversation cannot be added, changed or removed here', () => {
    const foreign = (event: ConversationEvent): ConversationEvent => {
      const copy = structuredClone(event);
      if (copy.type === 'member.added') for (const member of copy.data.members) member.conversationId = id(9);
      if (copy.type === 'member.changed' || copy.type === 'member.removed') {
        copy.data.member.conversationId = id(9);
      }
      return copy;
    };
    for (const event of [add(log, dung), promote(log, chi, true), remove(log, chi)]) {
      expect(verdict(event)).toBe('admitted');
      expect(verdict(foreign(event))).toBe('invalid_input');
    }
  });

  test('nothing happens in a conversation that does not exist', () => {
    expect(admit(null, message)?.code).toBe('not_a_member');
  });
});

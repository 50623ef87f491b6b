// What an index finds is checked once more before it is answered: the index may be behind, or wrong.
import { expect, it } from 'vitest';
import { apply } from '../../consumers/history/apply.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { Belonging, HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import type { SearchReader, SearchRequest } from '../../ports/search/port.ts';
import { addMembers, createConversation, removeMember } from '../../producers/conversation.ts';
import type { Decision } from '../../producers/decider.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import type { Conversation, SearchResult } from '../../schemas/views.ts';
import type { Conversations } from '../conversations.ts';
import { Ring } from '../live/ring.ts';
import type { Entry } from '../live/states.ts';
import type { Submit } from '../submit.ts';
import { Search } from './search.ts';

const [an, binh] = [crypto.randomUUID(), crypto.randomUUID()] as [string, string];
const as = (actorId: string) => ({
  actorId,
  now: '2026-01-02T03:04:05.678Z',
  newId: () => crypto.randomUUID(),
});

/** One conversation of an, of which the gateway knows the present state, and an index that finds all that was said. */
const scene = () => {
  let state: ConversationState | null = null;
  let place = 0;
  const stored: StoredMessage[] = [];
  const asked: SearchRequest[] = [];
  const happened = (decision: Decision): ConversationEvent => {
    if (isRefusal(decision)) throw new Error(decision.code);
    const event = decision[0] as ConversationEvent;
    place += 1;
    state = evolve(state, apply(event, place));
    return event;
  };
  const id = happened(createConversation({ isGroup: true, name: 'Bếp', memberIds: [] }, as(an))).subject;
  const said = (content: string, changes: Partial<MessageRow> = {}): string => {
    place += 1;
    const message: MessageRow = {
      id: crypto.randomUUID(),
      conversationId: id,
      senderId: an,
      position: place,
      content,
      attachments: [],
      replyTo: null,
      mentions: [],
      createdAt: '2026-01-02T03:04:05.678Z',
      editedAt: null,
      deletedAt: null,
      rev: 1,
      ...changes,
    };
    stored.push({ message, changed: 0, reactions: [], pin: null, previews: [] });
    return message.id;
  };
  const found: string[] = [];
  let failure: Error | null = null;
  const index = {
    applied: async () => [place],
    search: async (request: SearchRequest) => {
      asked.push(request);
      if (failure) throw failure;
      return { hits: found.map((hit) => ({ id: hit })), total: found.length, nextCursor: null };
    },
  } as unknown as SearchReader;
  const belonging = (userId: string): Belonging[] => {
    const member = state?.members.get(userId);
    if (!member || !state) return [];
    const { name, isGroup, historyVisibility } = state.conversation;
    return [{ member, conversation: { name, isGroup, historyVisibility }, firstPosition: 2 }];
  };
  const submit = {
    live: {
      ring: new Ring([0], { eventsMax: 10, bytesMax: 100 }),
      tailPlaces: () => [place],
      seesReads: () => true,
    },
    entry: (): Partial<Entry> => ({ id, partition: 0, state, marks: new Map(), base: place, last: place }),
  };
  const search = new Search({
    index,
    history: {
      belongings: async (userId) => belonging(userId),
      usersByName: async () => [],
      messages: async (ids) => stored.filter(({ message }) => ids.includes(message.id)),
    } satisfies Pick<HistoryReader, 'belongings' | 'usersByName' | 'messages'>,
    submit: submit as unknown as Submit,
    conversations: {
      several: async (_: string, ids: string[]) =>
        new Map(ids.map((each) => [each, { id: each, members: [] } as unknown as Conversation])),
    } as unknown as Conversations,
    onAway: () => undefined,
  });
  const hitsFor = async (userId: string): Promise<string[]> => {
    const answer = await search.find(userId, { q: 'canh' });
    if (isRefusal(answer)) throw new Error(answer.code);
    return (answer as SearchResult).items.map(({ message }) => message.content);
  };
  return {
    id,
    happened,
    said,
    found,
    asked,
    stored,
    search,
    hitsFor,
    state: () => state,
    fails: (error: Error) => {
      failure = error;
    },
  };
};

it('leaves out what the reader may not see, whatever the index found', async () => {
  const { id, happened, said, found, hitsFor, asked, state } = scene();
  found.push(said('canh trước'));
  happened(addMembers(state(), { userIds: [binh], isAdmin: false }, as(an)));
  found.push(said('canh cùng'));
  happened(removeMember(state(), { userId: binh }, as(an)));
  found.push(said('canh sau'));
  expect(await hitsFor(binh)).toEqual(['canh cùng']);
  expect(await hitsFor(an)).toEqual(['canh trước', 'canh cùng', 'canh sau']);
  expect(await hitsFor(crypto.randomUUID())).toEqual([]);
  // And it was asked for no more than that to begin with.
  expect(asked[0]?.scope).toEqual([{ conversationId: id, visible: [[3, 5]] }]);
});

it('shows texts as history has them, and not what was deleted or is nowhere', async () => {
  const { said, found, stored, hitsFor } = scene();
  found.push(said('canh chua'), said('canh gà'), crypto.randomUUID());
  const [edited, deleted] = stored.map(({ message }) => message) as [MessageRow, MessageRow];
  edited.content = 'cơm';
  deleted.deletedAt = '2026-01-02T04:00:00.000Z';
  expect(await hitsFor(an)).toEqual(['cơm']);
});

it('says that search is away, and never hides a fault of our own', async () => {
  const { search, fails } = scene();
  fails(new OutsideError('search_full', 'later', 'x'));
  expect(await search.find(an, { q: 'canh' })).toMatchObject({ code: 'search_unavailable' });
  fails(new TypeError('bug'));
  await expect(search.find(an, { q: 'canh' })).rejects.toThrow('bug');
});

// The commands about conversations and members, and what may be read of them.
import type { HistoryReader, ListedConversation } from '../ports/history/port.ts';
import {
  addMembers,
  changeConversation,
  changeMember,
  createConversation,
  removeMember,
} from '../producers/conversation.ts';
import type { Decision } from '../producers/decider.ts';
import { isMember, visibleBefore } from '../producers/state.ts';
import type { AddMemberBody, ChangeConversationBody, CreateConversationBody } from '../schemas/http.ts';
import { directConversationId } from '../schemas/ids.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { Conversation, Member, Message } from '../schemas/views.ts';
import { type Page, type PageRequest, pageFor } from './chat.ts';
import type { SeesReads } from './choices.ts';
import { placesConcerning } from './live/concerning.ts';
import { conversationsTopic } from './live/live.ts';
import { viewFor } from './live/showing.ts';
import type { Entry } from './live/states.ts';
import { firstSince } from './since.ts';
import type { Submit } from './submit.ts';
import { readByOthers, toConversation, toMember, toMessageFor, toNewConversation } from './views.ts';

const notFound = refuse('not_found', 'There is no such conversation, or you are not a member of it.');

export class Conversations {
  readonly #submit: Submit;
  readonly #history: HistoryReader;

  constructor(options: { submit: Submit; history: HistoryReader }) {
    this.#submit = options.submit;
    this.#history = options.history;
  }

  get #sees(): SeesReads {
    return this.#submit.live.seesReads;
  }

  async create(
    actorId: string,
    body: CreateConversationBody,
  ): Promise<{ conversation: Conversation; created: boolean } | Refusal> {
    const others = [...new Set(body.memberIds)].filter((id) => id !== actorId);
    const unknown = await this.#unknownPeople(others);
    if (unknown) return unknown;
    const groupId = crypto.randomUUID();
    const id =
      body.isGroup || others.length !== 1 ? groupId : directConversationId(actorId, others[0] as string);
    if (body.isGroup) this.#submit.live.states.fresh(id);
    const command = { isGroup: body.isGroup, name: body.name ?? null, memberIds: others, id };
    let existed = false;
    const done = await this.#submit.run(id, (entry) => {
      existed = entry.state !== null;
      return existed ? [] : createConversation(command, this.#submit.context(actorId));
    });
    if (isRefusal(done)) return done;
    const { state, marks } = done.entry;
    if (existed || !state) {
      const conversation = await this.one(actorId, id);
      return isRefusal(conversation) ? conversation : { conversation, created: false };
    }
    return { conversation: toNewConversation(state, marks, actorId, this.#sees), created: true };
  }

  change(
    actorId: string,
    id: string,
    body: Omit<ChangeConversationBody, 'pictureMediaId'>,
  ): Promise<Conversation | Refusal> {
    const change = {
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(body.pictureUrl === undefined ? {} : { pictureUrl: body.pictureUrl }),
      ...(body.historyVisibility === undefined ? {} : { historyVisibility: body.historyVisibility }),
    };
    return this.#change(actorId, id, (entry) =>
      changeConversation(entry.state, change, this.#submit.context(actorId)),
    );
  }

  async addMember(actorId: string, id: string, body: AddMemberBody): Promise<Conversation | Refusal> {
    const unknown = await this.#unknownPeople([body.userId]);
    return this.#change(actorId, id, (entry) => {
      const command = { userIds: [body.userId], isAdmin: body.isAdmin ?? false };
      const decision = addMembers(entry.state, command, this.#submit.context(actorId));
      // Whether a person exists is told only to who may add them.
      return !isRefusal(decision) && unknown ? unknown : decision;
    });
  }

  changeMember(
    actorId: string,
    id: string,
    userId: string,
    isAdmin: boolean,
  ): Promise<Conversation | Refusal> {
    return this.#change(actorId, id, (entry) =>
      changeMember(entry.state, { userId, isAdmin }, this.#submit.context(actorId)),
    );
  }

  async removeMember(actorId: string, id: string, userId: string): Promise<Refusal | null> {
    const done = await this.#submit.run(id, (entry) =>
      removeMember(entry.state, { userId }, this.#submit.context(actorId)),
    );
    return isRefusal(done) ? done : null;
  }

  async list(actorId: string, request: PageRequest): Promise<Page<Conversation> | Refusal> {
    await this.#ownIsApplied(actorId);
    const page = await pageFor(this.#history.list(actorId, request));
    if (isRefusal(page)) return page;
    const { items, nextCursor } = page;
    const marks = await Promise.all(
      items.map(async (listed) => {
        const own = listed.members.find(({ userId }) => userId === actorId)?.readPosition ?? 0;
        const mine = listed.lastMessage?.message.senderId === actorId;
        const others = mine ? await this.#readByOthers(listed, actorId) : 0;
        return { readerId: actorId, own, others: Number.isFinite(others) ? others : 0 };
      }),
    );
    return {
      items: items.map((listed, i) =>
        toConversation(listed, marks[i] ?? { readerId: actorId, own: 0, others: 0 }, this.#sees),
      ),
      nextCursor,
    };
  }

  /** As far as everybody else has read, which nobody is told of a conversation in which somebody hides it. */
  async #readByOthers({ conversation, members, memberCount }: ListedConversation, actorId: string) {
    if (members.some(({ userId }) => !this.#sees(actorId, userId))) return 0;
    if (memberCount <= members.length) return this.#history.readByAllOthers(conversation.id, actorId);
    const { state, marks } = await this.#submit.entry(conversation.id);
    return state ? readByOthers(state, marks, actorId, this.#sees) : 0;
  }

  async one(actorId: string, id: string): Promise<Conversation | Refusal> {
    return (await this.several(actorId, [id])).get(id) ?? notFound;
  }

  /** By id; those that the person may not read are left out. */
  async several(actorId: string, ids: string[]): Promise<Map<string, Conversation>> {
    const entries = new Map<string, Entry>();
    for (const id of ids) {
      const entry = await this.readable(actorId, id);
      if (entry) entries.set(id, entry);
    }
    const views = new Map<string, Conversation>();
    for (const [id, listed] of await this.#history.listed(actorId, [...entries.keys()]))
      views.set(id, viewFor(entries.get(id) as Entry, listed, actorId, this.#sees));
    return views;
  }

  async members(actorId: string, id: string, request: PageRequest): Promise<Page<Member> | Refusal> {
    if (!(await this.readable(actorId, id))) return notFound;
    const page = await pageFor(this.#history.members(id, request));
    if (isRefusal(page)) return page;
    const { items, nextCursor } = page;
    return {
      items: items.map((row) => toMember(row, this.#sees(actorId, row.userId) ? row.readPosition : 0)),
      nextCursor,
    };
  }

  async history(
    actorId: string,
    id: string,
    request: { before?: string; after?: string; since?: string; limit: number },
  ): Promise<Page<Message> | Refusal> {
    const { before, after, since, limit } = request;
    if ([before, after, since].filter((each) => each !== undefined).length > 1)
      return refuse('invalid_input', 'Give `before`, `after` or `since`, one of them.');
    const entry = await this.readable(actorId, id);
    const member = entry?.state?.members.get(actorId);
    if (!entry?.state || !member) return notFound;
    const asked = {
      conversationId: id,
      visible: visibleBefore(Math.max(entry.base, entry.last) + 1, entry.state.conversation, member),
    };
    const first = since === undefined ? undefined : await firstSince(this.#history, asked, since);
    if (first === null) return { items: [], nextCursor: null };
    const from = first === undefined ? after : first - 1;
    const rows = await this.#history.page({
      ...asked,
      ...(before === undefined ? {} : { before: Number(before) }),
      ...(from === undefined ? {} : { after: Number(from) }),
      limit: limit + 1,
    });
    const more = rows.length > limit;
    const forward = from !== undefined;
    if (more && forward) rows.pop();
    else if (more) rows.shift();
    const edge = forward ? rows.at(-1) : rows[0];
    const read = {
      readerId: actorId,
      own: entry.marks.get(actorId) ?? 0,
      others: readByOthers(entry.state, entry.marks, actorId, this.#sees),
    };
    return {
      items: rows.map((stored) => toMessageFor(stored, read)),
      // The position to ask `before` (or `after`, when going forward) next.
      nextCursor: more && edge ? String(edge.message.position) : null,
    };
  }

  /** The entry, when this person is a member now, with history as far as the tail is for this conversation. */
  async readable(actorId: string, id: string): Promise<Entry | null> {
    const entry = await this.#submit.entry(id);
    if (!entry.state || !isMember(entry.state, actorId)) return null;
    await this.#submit.live.freshness.place(conversationsTopic, entry.partition, entry.last);
    return entry;
  }

  /** Waits until history has everything that this gateway has seen of the conversations of this person (bounded). */
  async #ownIsApplied(userId: string): Promise<void> {
    const { live } = this.#submit;
    if (live.freshness.has(conversationsTopic, live.tailPlaces())) return;
    const snapshot = await this.#history.memberships(userId);
    for (const [partition, next] of snapshot.applied.entries())
      live.freshness.advanced(conversationsTopic, partition, next);
    await live.freshness.all(conversationsTopic, placesConcerning(live, userId, snapshot));
  }

  async #change(
    actorId: string,
    id: string,
    decide: (entry: Entry) => Decision,
  ): Promise<Conversation | Refusal> {
    const done = await this.#submit.run(id, decide);
    if (isRefusal(done)) return done;
    const { entry } = done;
    const listed = await this.#submit.live.hydration.view(id, actorId, entry.partition, entry.last);
    return listed ? viewFor(entry, listed, actorId, this.#sees) : notFound;
  }

  async #unknownPeople(ids: string[]): Promise<Refusal | null> {
    let unknown = await this.#notInHistory(ids);
    if (unknown.length > 0) {
      // Perhaps they have only just come: nobody ever goes, so those who are known need no waiting.
      await this.#submit.live.peopleApplied(unknown);
      unknown = await this.#notInHistory(unknown);
    }
    return unknown.length === 0
      ? null
      : {
          ...refuse('unknown_member', 'Some of these people do not exist.'),
          errors: unknown.slice(0, 20).map((id) => ({ path: '/memberIds', message: `${id} is nobody` })),
        };
  }

  async #notInHistory(ids: string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const known = new Set((await this.#history.users(ids)).map((user) => user.id));
    return ids.filter((id) => !known.has(id));
  }
}

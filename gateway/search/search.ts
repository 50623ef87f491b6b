// Searching: what was typed becomes a question about what the reader may see; what the index finds is looked up in history
// and checked once more before it is shown.
import { isOutsideError, type OutsideError } from '../../ports/errors.ts';
import type { HistoryReader, StoredMessage } from '../../ports/history/port.ts';
import type { SearchReader, SearchRequest, SearchScope } from '../../ports/search/port.ts';
import { maySee, visibleTo } from '../../producers/state.ts';
import type { SearchQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import { readSearch, type SearchWords } from '../../schemas/search-query.ts';
import { isId } from '../../schemas/values.ts';
import type { Conversation, SearchHit, SearchResult } from '../../schemas/views.ts';
import { pageFor } from '../chat.ts';
import type { Conversations } from '../conversations.ts';
import { conversationsTopic } from '../live/live.ts';
import type { Entry } from '../live/states.ts';
import { knownThrough } from '../live/through.ts';
import type { Submit } from '../submit.ts';
import { readByOthers, toMessageFor } from '../views.ts';
import { knownZone, spanOf } from './dates.ts';
import { highlightsOf } from './highlights.ts';
import { KnownViews } from './known-views.ts';
import { SearchTurns } from './turns.ts';

type Belongings = Awaited<ReturnType<HistoryReader['belongings']>>;

export type SearchOptions = {
  /** Null: this installation has no search. */
  index: SearchReader | null;
  history: Pick<HistoryReader, 'belongings' | 'usersByName' | 'messages'>;
  submit: Submit;
  conversations: Conversations;
  /** The index did not answer. */
  onAway(error: OutsideError): void;
};

const off = refuse('unavailable', 'Search is not set up here: set ELASTICSEARCH_URL. Everything else works.');

const away = refuse(
  'search_unavailable',
  'Search is away at the moment. Everything else works, and what is said meanwhile will be found later.',
);

const knownViewsMax = 2_000;

export class Search {
  readonly #options: SearchOptions;
  readonly #turns = new SearchTurns();
  readonly #known = new KnownViews(knownViewsMax);

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** An index that is away is a refusal of its own: everything else goes on. */
  async find(readerId: string, query: SearchQuery): Promise<SearchResult | Refusal> {
    const { index, onAway } = this.#options;
    if (!index) return off;
    const leave = this.#turns.enter(readerId);
    if (isRefusal(leave)) return leave;
    try {
      return await this.#find(index, readerId, query);
    } catch (error) {
      if (!isOutsideError(error) || !error.code.startsWith('search_') || error.retry === 'never') throw error;
      onAway(error);
      return away;
    } finally {
      leave();
    }
  }

  async #find(index: SearchReader, readerId: string, query: SearchQuery): Promise<SearchResult | Refusal> {
    const { history } = this.#options;
    const words = readSearch(query.q ?? '');
    if (sizeOf(words) > limits.searchTermsMax)
      return refuse('invalid_input', `At most ${limits.searchTermsMax} words can be searched for at once.`);
    const belongings = await history.belongings(readerId);
    const request = await this.#request(readerId, query, words, belongings);
    if (isRefusal(request)) return request;
    const indexedThrough = await this.#indexedThrough(index);
    if (!asksAnything(query, words)) return { items: [], nextCursor: null, total: 0, indexedThrough };
    const page = await pageFor(index.search(request));
    if (isRefusal(page)) return page;
    const { hits, total, nextCursor } = page;
    const items = await this.#shown(
      readerId,
      hits.map(({ id }) => id),
      words,
    );
    return { items, nextCursor, total, indexedThrough };
  }

  async #request(
    readerId: string,
    query: SearchQuery,
    words: SearchWords,
    belongings: Belongings,
  ): Promise<SearchRequest | Refusal> {
    const zone = knownZone(query.timeZone ?? 'UTC');
    if (!zone) return refuse('invalid_input', 'There is no such time zone.');
    const span = timesOf(query, words, zone);
    if (isRefusal(span)) return span;
    const senderIds = await this.#people(readerId, words.from, query.senderId);
    const mentioned = await Promise.all(words.mentions.map((name) => this.#people(readerId, [name])));
    // Nobody of that name: nothing can be found.
    const isNobody = mentioned.some((ids) => ids?.length === 0);
    return {
      terms: words.terms,
      without: words.without,
      scope: isNobody ? [] : scopeOf(belongings, words.in, query.conversationId),
      ...(senderIds ? { senderIds } : {}),
      ...span,
      has: [...words.has, ...(query.has ? [query.has] : [])],
      ...(words.isReply || query.isReply ? { isReply: true as const } : {}),
      mentions: [...mentioned.flatMap((ids) => ids ?? []), ...(query.mentions ? [query.mentions] : [])],
      sort: query.sort ?? 'best',
      limit: query.limit ?? limits.pageSizeDefault,
      ...(query.cursor ? { cursor: query.cursor } : {}),
    };
  }

  /** Undefined: everybody. */
  async #people(readerId: string, names: string[], id?: string): Promise<string[] | undefined> {
    if (names.length === 0) return id ? [id] : undefined;
    const others = names.filter((name) => name.toLowerCase() !== 'me' && !isId(name));
    const found = others.length > 0 ? await this.#options.history.usersByName(others) : [];
    const ids = [...found.map((user) => user.id), ...names.filter(isId)];
    if (others.length < names.length && names.some((name) => name.toLowerCase() === 'me')) ids.push(readerId);
    return id ? ids.filter((each) => each === id) : ids;
  }

  /** In the order of the index; what has changed meanwhile, so that it may not be seen or is gone, is left out. */
  async #shown(readerId: string, ids: string[], words: SearchWords): Promise<SearchHit[]> {
    const { history, submit } = this.#options;
    const stored = new Map((await history.messages(ids)).map((each) => [each.message.id, each]));
    const seen: { found: StoredMessage; entry: Entry }[] = [];
    for (const id of ids) {
      const found = stored.get(id);
      if (!found || found.message.deletedAt) continue;
      const entry = await submit.entry(found.message.conversationId);
      if (entry.state && maySee(entry.state, readerId, found.message.position)) seen.push({ found, entry });
    }
    const views = await this.#viewsOf(
      readerId,
      new Map(seen.map(({ found, entry }) => [found.message.conversationId, entry])),
    );
    return seen.flatMap(({ found, entry: { state, marks } }) => {
      const conversation = views.get(found.message.conversationId);
      if (!conversation || !state) return [];
      const read = {
        readerId,
        own: marks.get(readerId) ?? 0,
        others: readByOthers(state, marks, readerId, submit.live.seesReads),
      };
      const message = toMessageFor(found, read);
      return [{ message, conversation, highlights: highlightsOf(message.content, words.terms) }];
    });
  }

  async #viewsOf(readerId: string, entries: Map<string, Entry>): Promise<Map<string, Conversation>> {
    const views = new Map<string, Conversation>();
    const missing = new Map<string, number>();
    for (const [id, entry] of entries) {
      const place = Math.max(entry.base, entry.last);
      const known = this.#known.get(readerId, id, place);
      if (known) views.set(id, known);
      else missing.set(id, place);
    }
    for (const [id, whole] of await this.#options.conversations.several(readerId, [...missing.keys()])) {
      const view = { ...whole, members: whole.members.slice(0, limits.searchHitMembersMax) };
      this.#known.put(readerId, missing.get(id) as number, view);
      views.set(id, view);
    }
    return views;
  }

  async #indexedThrough(index: SearchReader): Promise<string> {
    return knownThrough(this.#options.submit.live, await index.applied(conversationsTopic));
  }
}

const asksAnything = (query: SearchQuery, words: SearchWords): boolean => {
  const { terms, from, in: places, mentions, has, before, after, on, isReply } = words;
  const typed = [terms, from, places, mentions, has, before, after, on].some((list) => list.length > 0);
  const { conversationId, senderId, from: since, to, has: what, isReply: reply, mentions: whom } = query;
  return typed || isReply || [conversationId, senderId, since, to, what, reply, whom].some(Boolean);
};

/** Words, names and dates alike: each is a question of its own to somebody. */
const sizeOf = (words: SearchWords): number =>
  Object.values(words).reduce((sum: number, part) => sum + (Array.isArray(part) ? part.length : 0), 0);

const scopeOf = (belongings: Belongings, names: string[], id: string | undefined): SearchScope => {
  const wanted = names.map((name) => name.toLowerCase());
  return belongings
    .filter(({ member, conversation }) => {
      if (id && member.conversationId !== id) return false;
      if (wanted.length === 0) return true;
      const name = conversation.name?.toLowerCase();
      return wanted.some((each) => each === member.conversationId || (name?.includes(each) ?? false));
    })
    .map(({ member, conversation, firstPosition }) => {
      const visible = visibleTo(conversation, member);
      const seesAll =
        firstPosition === null || (member.spans.length === 0 && member.joinedPosition <= firstPosition);
      return { conversationId: member.conversationId, visible: seesAll ? ('all' as const) : visible };
    });
};

const timesOf = (
  query: SearchQuery,
  words: SearchWords,
  zone: string,
): { from?: string; to?: string } | Refusal => {
  const spans = (typed: string[]) => typed.map((each) => spanOf(each, zone));
  const [on, after, before] = [spans(words.on), spans(words.after), spans(words.before)];
  const [from, to] = [spans(query.from ? [query.from] : []), spans(query.to ? [query.to] : [])];
  if ([on, after, before, from, to].flat().includes(null))
    return refuse('invalid_input', 'There is no such day.');
  const begins = [...from, ...on].map((span) => span?.from).concat(after.map((span) => span?.to));
  const ends = [...to, ...before].map((span) => span?.from).concat(on.map((span) => span?.to));
  const latest = begins
    .filter((each) => each !== undefined)
    .sort()
    .at(-1);
  const earliest = ends.filter((each) => each !== undefined).sort()[0];
  return { ...(latest ? { from: latest } : {}), ...(earliest ? { to: earliest } : {}) };
};

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem } from './api.ts';
import { Search } from './search.svelte.ts';

const hit = (id: string) => ({ message: { id, content: id } }) as never;
type Asked = { q?: string; cursor?: string; sort?: string };

describe('The one search', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const make = (answer: (asked: Asked) => Promise<object>, kept = new Map<string, string>()) => {
    const asked: Asked[] = [];
    const search = new Search({
      api: {
        search: async (query) => {
          asked.push(query);
          const more = { nextCursor: null, total: 1, indexedThrough: new Date().toISOString() };
          return { items: [], ...more, ...(await answer(query)) } as never;
        },
      },
      userId: 'me',
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
      conversations: () => [{ id: 'id-of-trip', title: 'Trip to Huế' }],
      here: async (question) => (question.includes('kept') ? { items: [hit('here')], total: 1 } : null),
    });
    return { search, asked, kept };
  };
  const pause = () => vi.advanceTimersByTimeAsync(300);
  const ids = (search: Search) => search.hits.map(({ message }) => message.id);

  it('looks in what this browser keeps when there is no network, and says so until the server answers again', async () => {
    let isAway = true;
    const { search } = make(async () => {
      if (isAway) throw new ApiProblem({ code: 'network', status: 0, detail: 'away' });
      return { items: [hit('a')] };
    });
    search.typed = 'kept';
    await pause();
    expect([ids(search), search.isHereOnly, search.state]).toEqual([['here'], true, 'done']);
    isAway = false;
    search.retry();
    await pause();
    expect([ids(search), search.isHereOnly]).toEqual([['a'], false]);
    isAway = true;
    search.typed = 'nothing is there';
    await pause();
    expect([search.isHereOnly, search.state]).toEqual([false, 'failed']);
  });

  it('asks once the person pauses, in their time zone, and shows the answer', async () => {
    const { search, asked } = make(async () => ({ items: [hit('a')] }));
    for (const typed of ['d', 'du', 'duong']) search.typed = typed;
    expect(search.state).toBe('asking');
    await pause();
    expect(asked).toMatchObject([{ q: 'duong', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }]);
    expect([search.state, search.total, ids(search)]).toEqual(['done', 1, ['a']]);
  });

  it('takes no notice of an answer to what is not asked any more', async () => {
    const answers: ((value: object) => void)[] = [];
    const { search } = make(() => new Promise((done) => answers.push(done)));
    search.typed = 'old';
    await pause();
    search.typed = 'new';
    await pause();
    answers[1]!({ items: [hit('new')] });
    answers[0]!({ items: [hit('old')] });
    await pause();
    expect(ids(search)).toEqual(['new']);
    search.typed = '';
    expect([search.state, ids(search)]).toEqual(['idle', []]);
  });

  it('goes on from the cursor, each message once', async () => {
    const { search, asked } = make(async ({ cursor }) =>
      cursor
        ? { items: [hit('b'), hit('c')], total: 3 }
        : { items: [hit('a'), hit('b')], nextCursor: 'x', total: 3 },
    );
    search.typed = 'word';
    await pause();
    await Promise.all([search.more(), search.more()]);
    expect(ids(search)).toEqual(['a', 'b', 'c']);
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, 'x']);
    expect(search.hasMore).toBe(false);
  });

  it('asks again in another order', async () => {
    const { search, asked } = make(async ({ sort }) => ({ items: [hit(sort ?? '')] }));
    search.typed = 'word';
    await pause();
    search.sort = 'newest';
    await pause();
    expect(asked.map(({ sort }) => sort)).toEqual(['best', 'newest']);
    expect(ids(search)).toEqual(['newest']);
  });

  it('says that search is away, and finds again when it is back', async () => {
    let isAway = true;
    const { search } = make(async () => {
      if (isAway) throw new ApiProblem({ code: 'unavailable', status: 503, detail: 'away' });
      return { items: [hit('a')] };
    });
    search.typed = 'word';
    await pause();
    expect([search.state, search.problem?.code]).toEqual(['failed', 'unavailable']);
    isAway = false;
    search.retry();
    await pause();
    expect([search.state, search.problem, ids(search)]).toEqual(['done', null, ['a']]);
  });

  it('keeps what was found when the next page does not come, and asks for that page again', async () => {
    let isAway = false;
    const { search } = make(async ({ cursor }) => {
      if (isAway) throw new ApiProblem({ code: 'unavailable', status: 503, detail: 'away' });
      return cursor ? { items: [hit('b')] } : { items: [hit('a')], nextCursor: 'x' };
    });
    search.typed = 'word';
    await pause();
    isAway = true;
    await search.more();
    expect([search.state, ids(search)]).toEqual(['failed', ['a']]);
    isAway = false;
    search.retry();
    await pause();
    expect([search.state, ids(search)]).toEqual(['done', ['a', 'b']]);
  });

  it('says how far the index is only when it lags', async () => {
    let indexedThrough = new Date().toISOString();
    const { search } = make(async () => ({ indexedThrough }));
    search.typed = 'a';
    await pause();
    expect(search.lagsSince).toBeNull();
    indexedThrough = new Date(Date.now() - 60_000).toISOString();
    search.typed = 'b';
    await pause();
    expect(search.lagsSince).toBe(indexedThrough);
  });

  it('begins in a conversation with its name in the box, and asks for its id', async () => {
    const { search, asked } = make(async () => ({}));
    search.startIn('id-of-trip');
    expect([search.typed, search.calls]).toEqual(['in:"Trip to Huế" ', 1]);
    await pause();
    expect(asked[0]?.q).toBe('in:id-of-trip');
  });

  it('remembers the last eight, the newest first, each once, until told to forget', () => {
    const kept = new Map<string, string>();
    const { search } = make(async () => ({}), kept);
    for (const typed of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '5', ' ']) {
      search.typed = typed;
      search.remember();
    }
    const recent = ['5', '9', '8', '7', '6', '4', '3', '2'];
    expect(search.recent).toEqual(recent);
    expect(make(async () => ({}), kept).search.recent).toEqual(recent);
    search.forget();
    expect(make(async () => ({}), kept).search.recent).toEqual([]);
    kept.set('chatvui.searches.me', '{"broken');
    expect(make(async () => ({}), kept).search.recent).toEqual([]);
  });
});

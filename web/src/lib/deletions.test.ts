import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiProblem } from './api.ts';
import { Deletions, retryMs, secondThoughtsMs } from './deletions.svelte.ts';

describe('A deletion with time for second thoughts', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const disk = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
  };
  const started = (
    remove: (id: string) => Promise<unknown> = vi.fn(async () => undefined),
    storage = disk(),
  ) => {
    const onFailed = vi.fn();
    const deletions = new Deletions({ userId: 'me', storage, remove, onFailed });
    return { remove: vi.mocked(remove), onFailed, storage, deletions };
  };

  test('given nobody thinks twice, then it is shown at once and sent once when the time is over', async () => {
    const { deletions, remove } = started();
    deletions.begin('a');
    deletions.begin('a');
    expect([deletions.has('a'), remove.mock.calls]).toEqual([true, []]);
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect(remove.mock.calls).toEqual([['a']]);
    expect(deletions.has('a')).toBe(true);
  });

  test('given somebody does, then it is never sent; too late, then it stays', async () => {
    const { deletions, remove } = started();
    deletions.begin('a');
    deletions.undo('a');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs * 2);
    expect([deletions.has('a'), remove.mock.calls]).toEqual([false, []]);
    deletions.begin('b');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    deletions.undo('b');
    expect(deletions.has('b')).toBe(true);
  });

  test('given the page goes, then what waits is sent at once and once', async () => {
    const { deletions, remove } = started();
    deletions.begin('a');
    deletions.begin('b');
    deletions.flush();
    await vi.advanceTimersByTimeAsync(secondThoughtsMs * 2);
    expect(remove.mock.calls).toEqual([['a'], ['b']]);
  });

  test('given what the going page sent got lost, then the next page shows it and does it; what is done is forgotten', async () => {
    const first = started(() => new Promise(() => undefined));
    first.deletions.begin('a');
    first.deletions.flush();
    const next = started(undefined, first.storage);
    expect(next.deletions.has('a')).toBe(true);
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect([next.remove.mock.calls, next.storage.kept.size]).toEqual([[['a']], 0]);
  });

  test('given another tab begins one and is gone before it did it, then it is shown here at once and done here', async () => {
    const here = started();
    const there = started(() => new Promise(() => undefined), here.storage);
    there.deletions.begin('a');
    here.deletions.look();
    expect(here.deletions.has('a')).toBe(true);
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect(here.remove.mock.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect([here.remove.mock.calls, here.storage.kept.size]).toEqual([[['a']], 0]);
  });

  test('given another tab begins one and has it back or does it, then it is so here', async () => {
    const here = started();
    const there = started(undefined, here.storage);
    there.deletions.begin('a');
    here.deletions.look();
    there.deletions.undo('a');
    here.deletions.look();
    expect(here.deletions.has('a')).toBe(false);
    there.deletions.begin('b');
    here.deletions.look();
    await vi.advanceTimersByTimeAsync(secondThoughtsMs * 2);
    expect([there.remove.mock.calls, here.remove.mock.calls]).toEqual([[['b']], []]);
  });

  test('given another tab has it back, then this one does not delete it', async () => {
    const first = started();
    first.deletions.begin('a');
    const next = started(undefined, first.storage);
    first.deletions.undo('a');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs * 2);
    expect([next.deletions.has('a'), next.remove.mock.calls, first.remove.mock.calls]).toEqual([
      false,
      [],
      [],
    ]);
  });

  test.each([
    ['no network', { code: 'network', status: 0 }],
    ['a server that is away', { code: 'unavailable', status: 503 }],
    ['too much at once', { code: 'rate_limited', status: 429 }],
  ])('given %s, then it is still to be done, and done when that is over', async (_, problem) => {
    const remove = vi.fn(async (): Promise<void> => {
      throw new ApiProblem({ ...problem, detail: '' });
    });
    const { deletions, onFailed, storage } = started(remove);
    deletions.begin('a');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect([deletions.has('a'), onFailed.mock.calls, storage.kept.size]).toEqual([true, [], 1]);
    remove.mockImplementation(async () => undefined);
    await vi.advanceTimersByTimeAsync(retryMs);
    expect([deletions.has('a'), remove.mock.calls.length, storage.kept.size]).toEqual([true, 2, 0]);
  });

  test('given the server says no, then the message is back and the problem is said', async () => {
    const problem = new Error('no');
    const { deletions, onFailed } = started(vi.fn(async () => Promise.reject(problem)));
    deletions.begin('a');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect(deletions.has('a')).toBe(false);
    expect(onFailed).toHaveBeenCalledExactlyOnceWith(problem);
  });
});

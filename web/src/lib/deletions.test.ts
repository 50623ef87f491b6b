import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deletions, secondThoughtsMs } from './deletions.svelte.ts';

describe('A deletion with time for second thoughts', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const started = (remove = vi.fn(async () => undefined)) => {
    const onFailed = vi.fn();
    return { remove, onFailed, deletions: new Deletions({ remove, onFailed }) };
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

  test('given the server says no, then the message is back and the problem is said', async () => {
    const problem = new Error('no');
    const { deletions, onFailed } = started(vi.fn(async () => Promise.reject(problem)));
    deletions.begin('a');
    await vi.advanceTimersByTimeAsync(secondThoughtsMs);
    expect(deletions.has('a')).toBe(false);
    expect(onFailed).toHaveBeenCalledExactlyOnceWith(problem);
  });
});

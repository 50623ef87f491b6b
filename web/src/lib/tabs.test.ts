import { describe, expect, it, vi } from 'vitest';
import { Tabs, type TabWord } from './tabs.ts';

/** The locks and the channel of one browser. */
const browser = () => {
  const line: { grant: () => void; end: () => void }[] = [];
  let holder: { end: () => void } | null = null;
  const next = () => {
    const first = line.shift();
    first?.grant();
  };
  const request = (_: string, how: LockOptions, work: () => Promise<void> | undefined) =>
    new Promise<void>((resolve, reject) => {
      const grant = () => {
        const mine = { end: () => reject(new DOMException('stolen', 'AbortError')) };
        holder = mine;
        void Promise.resolve(work()).then(() => {
          if (holder !== mine) return;
          holder = null;
          resolve();
          next();
        });
      };
      how.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      if (how.steal) {
        holder?.end();
        grant();
      } else if (holder) line.push({ grant: () => !how.signal?.aborted && grant(), end: () => undefined });
      else grant();
    });
  const channels = new Set<{ onmessage: ((event: MessageEvent) => void) | null; isDeaf: boolean }>();
  const tab = () => {
    const own = { onmessage: null as ((event: MessageEvent) => void) | null, isDeaf: false };
    const heard: TabWord[] = [];
    const tabs = new Tabs({
      userId: 'ann',
      locks: { request } as unknown as LockManager,
      channel: () => {
        channels.add(own);
        return Object.assign(own, {
          close: () => void channels.delete(own),
          postMessage: (data: TabWord) => {
            for (const one of channels)
              if (one !== own && !one.isDeaf) one.onmessage?.({ data } as MessageEvent);
          },
        }) as never;
      },
      onLead: () => undefined,
      onFollow: () => undefined,
      onWord: (word) => heard.push(word),
    });
    tabs.open();
    return { tabs, heard, sleep: () => (own.isDeaf = true) };
  };
  return { tab };
};

describe('The tabs of one person', () => {
  it('have one leader, and the next when it closes', async () => {
    const { tab } = browser();
    const [first, second] = [tab(), tab()];
    expect([first.tabs.isLeading, second.tabs.isLeading]).toEqual([true, false]);
    first.tabs.close();
    await vi.waitFor(() => expect(second.tabs.isLeading).toBe(true));
  });

  it('hear each other, and nobody hears themselves', () => {
    const { tab } = browser();
    const [first, second, third] = [tab(), tab(), tab()];
    first.tabs.say({ say: 'discarded', ref: 'r' });
    expect([first.heard, second.heard, third.heard].map((heard) => heard.length)).toEqual([0, 1, 1]);
  });

  it('leave the lead to a leader that answers, and take it from one that sleeps', async () => {
    vi.useFakeTimers();
    try {
      const { tab } = browser();
      const [first, second] = [tab(), tab()];
      second.tabs.needLeader();
      await vi.advanceTimersByTimeAsync(5_000);
      expect([first.tabs.isLeading, second.tabs.isLeading]).toEqual([true, false]);
      first.sleep();
      second.tabs.needLeader();
      await vi.advanceTimersByTimeAsync(5_000);
      expect([first.tabs.isLeading, second.tabs.isLeading]).toEqual([false, true]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('each lead where the browser has no locks: the same send from two of them is one', () => {
    const options = { userId: 'ann', locks: undefined, onFollow: () => undefined, onWord: () => undefined };
    const channel = () => ({ postMessage: () => undefined, close: () => undefined, onmessage: null });
    const led: string[] = [];
    for (const name of ['first', 'second'])
      new Tabs({ ...options, channel, onLead: () => led.push(name) }).open();
    expect(led).toEqual(['first', 'second']);
  });
});

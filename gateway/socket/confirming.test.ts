import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Confirming } from './confirming.ts';

const socket = (sessionId: string) => ({
  state: 'live' as 'live' | 'arriving',
  sessionId,
  unconfirmed: true,
  pinged: null as string | null,
  askToConfirm(word: string) {
    this.unconfirmed = false;
    this.pinged = word;
  },
});

describe('a device', () => {
  let places = [5, 2];
  let said: [number[], string[]][] = [];
  let confirming: Confirming;
  const order: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    places = [5, 2];
    said = [];
    confirming = new Confirming({
      sentPlaces: () => {
        order.push('places');
        return [...places];
      },
      flush: () => order.push('flush'),
      confirm: (at, ids) => said.push([at, ids]),
      gatherMs: 50,
      everyMs: 3_000,
    });
  });
  afterEach(() => {
    confirming.close();
    vi.useRealTimers();
  });
  const gathered = () => {
    vi.advanceTimersByTime(50);
    return said.splice(0);
  };

  it('has what was written before the ping that it answers, and not what came after', () => {
    const phone = socket('phone');
    confirming.look([phone], 0);
    expect(order.slice(-2)).toEqual(['flush', 'places']);
    places = [9, 9];
    phone.unconfirmed = true;
    confirming.answered(phone, phone.pinged ?? '');
    expect(gathered()).toEqual([[[5, 2], ['phone']]]);
  });

  it('that does not answer has nothing, is not asked twice, and is not said to be here', () => {
    const phone = socket('phone');
    confirming.look([phone], 0);
    const word = phone.pinged;
    phone.unconfirmed = true;
    confirming.look([phone], 3_000);
    expect(phone.pinged).toBe(word);
    confirming.answered(phone, 'another');
    expect(gathered()).toEqual([]);
  });

  it('to which nothing was written has everything, without being asked, now and then', () => {
    const phone = socket('phone');
    phone.unconfirmed = false;
    confirming.look([phone], 3_000);
    confirming.look([phone], 4_000);
    expect(phone.pinged).toBeNull();
    expect(gathered()).toEqual([[[5, 2], ['phone']]]);
    confirming.look([phone], 6_000);
    expect(gathered()).toHaveLength(1);
  });

  it('that is still catching up, or has gone, is not said to have anything', () => {
    const [late, gone] = [{ ...socket('late'), state: 'arriving' as const }, socket('gone')];
    confirming.look([late, gone], 0);
    expect(late.pinged).toBeNull();
    const word = gone.pinged ?? '';
    confirming.gone(gone);
    confirming.answered(gone, word);
    expect(gathered()).toEqual([]);
  });

  it('is said together with all that have the same', () => {
    const [one, two] = [socket('one'), socket('two')];
    confirming.look([one, two], 0);
    for (const each of [one, two]) confirming.answered(each, each.pinged ?? '');
    expect(gathered()).toEqual([
      [
        [5, 2],
        ['one', 'two'],
      ],
    ]);
  });
});

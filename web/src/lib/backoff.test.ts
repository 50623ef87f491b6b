import { describe, expect, test } from 'vitest';
import { afterClose, backoffMs } from './backoff.ts';
import { closeCodes } from './protocol.ts';

describe('Coming back after a closed socket', () => {
  test('given more and more failures, when asked, then the wait doubles up to a bound', () => {
    const waits = Array.from({ length: 12 }, (_, attempt) => backoffMs(attempt, () => 1));
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...waits)).toBe(30_000);
  });

  test('given two clients, when both fail, then chance puts them apart by up to half the wait', () => {
    expect(backoffMs(4, () => 0)).toBe(4000);
    expect(backoffMs(4, () => 1)).toBe(8000);
  });

  test('given a token that is no longer good, when closed, then it is renewed at once, and later with patience', () => {
    expect(afterClose(closeCodes.notSignedIn, 0, () => 0.5)).toEqual({ do: 'renew', delayMs: 0 });
    expect(afterClose(closeCodes.notSignedIn, 3, () => 0)).toEqual({ do: 'renew', delayMs: 2000 });
  });

  test('given a client that was too slow, when closed, then it comes back at once with its cursor', () => {
    expect(afterClose(closeCodes.tooSlow, 0, () => 1)).toEqual({ do: 'retry', delayMs: 0 });
  });

  test('given a restart, when every client is closed, then they come back spread over seconds', () => {
    expect(afterClose(closeCodes.restarting, 0, () => 0)).toEqual({ do: 'retry', delayMs: 200 });
    expect(afterClose(closeCodes.restarting, 0, () => 1)).toEqual({ do: 'retry', delayMs: 2200 });
  });

  test('given too many requests, when closed, then it waits for seconds', () => {
    expect(afterClose(closeCodes.rate, 0, () => 0)).toEqual({ do: 'retry', delayMs: 5250 });
  });

  test('given another place took over, or a foreign origin, when closed, then it does not come back by itself', () => {
    expect(afterClose(closeCodes.replaced, 0, Math.random)).toEqual({ do: 'stop', why: 'replaced' });
    expect(afterClose(closeCodes.foreignOrigin, 0, Math.random)).toEqual({ do: 'stop', why: 'refused' });
  });
});

import { describe, expect, it } from 'vitest';
import { rateLimitContract } from './contract.ts';
import { openMemoryRateLimit } from './memory.ts';

describe('rate limits in memory', () => {
  rateLimitContract(async () => {
    let time = 0;
    return {
      limit: openMemoryRateLimit({ now: () => time }),
      wait: async (ms) => {
        time += ms;
      },
    };
  });

  it('remembers a bounded number of buckets, and the empty ones rather than the full ones', async () => {
    let time = 0;
    const limit = openMemoryRateLimit({ now: () => time, bucketsMax: 100 });
    for (let i = 0; i < 99; i++) await limit.take({ key: `walk:${i}`, burst: 10, perSecond: 10 });
    const attacked = { key: 'name', burst: 1, perSecond: 0.001 };
    await limit.take(attacked);
    time += 1000;
    for (let i = 0; i < 99; i++) await limit.take({ key: `more:${i}`, burst: 10, perSecond: 10 });
    expect((await limit.take(attacked)).ok).toBe(false);
  });
});

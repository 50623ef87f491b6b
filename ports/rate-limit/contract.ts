// What every rate limiter must do, whatever keeps its buckets.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RateLimit } from './port.ts';

export type RateLimitFixture = { limit: RateLimit; wait(ms: number): Promise<void> };

export const rateLimitContract = (make: () => Promise<RateLimitFixture>): void => {
  let fixture: RateLimitFixture;
  beforeEach(async () => {
    fixture = await make();
  });
  afterEach(() => fixture.limit.close());

  it('gives a burst, then refuses and says how long', async () => {
    const bucket = { key: `k:${randomUUID()}`, burst: 5, perSecond: 0.5 };
    const taken = await Promise.all(Array.from({ length: 9 }, () => fixture.limit.take(bucket)));
    expect(taken.filter((each) => each.ok)).toHaveLength(5);
    const refused = taken.find((each) => !each.ok);
    expect(refused && !refused.ok && refused.retryAfterMs).toBeGreaterThan(1000);
    expect(refused && !refused.ok && refused.retryAfterMs).toBeLessThanOrEqual(2000);
  });

  it('gives back with time, never more than the burst', async () => {
    const bucket = { key: `k:${randomUUID()}`, burst: 3, perSecond: 20 };
    for (let i = 0; i < 3; i++) expect((await fixture.limit.take(bucket)).ok).toBe(true);
    const refused = await fixture.limit.take(bucket);
    expect(refused.ok).toBe(false);
    await fixture.wait(refused.ok ? 0 : refused.retryAfterMs + 10);
    expect((await fixture.limit.take(bucket)).ok).toBe(true);
    await fixture.wait(400);
    const taken = await Promise.all(Array.from({ length: 12 }, () => fixture.limit.take(bucket)));
    const given = taken.filter((each) => each.ok).length;
    expect(given).toBeGreaterThanOrEqual(3);
    expect(given).toBeLessThanOrEqual(5);
  });

  it('keeps names apart', async () => {
    const name = randomUUID();
    const one = { key: `a:${name}`, burst: 1, perSecond: 0.1 };
    expect((await fixture.limit.take(one)).ok).toBe(true);
    expect((await fixture.limit.take({ ...one, key: `b:${name}` })).ok).toBe(true);
    expect((await fixture.limit.take(one)).ok).toBe(false);
  });
};

// Token buckets in the process: the whole limit of an embedded gateway, the local half of a shared one.
import type { Bucket, RateLimit, Taken } from './port.ts';

type Kept = { tokens: number; at: number; fullAt: number };

export type MemoryRateLimitOptions = {
  /** Milliseconds; any origin. */
  now?: () => number;
  /** How many buckets are remembered. Full ones are forgotten first, then the oldest. */
  bucketsMax?: number;
};

export type LocalBuckets = RateLimit & { takeNow(bucket: Bucket): Taken };

export const openMemoryRateLimit = (options: MemoryRateLimitOptions = {}): LocalBuckets => {
  const { now = () => performance.now(), bucketsMax = 50_000 } = options;
  const buckets = new Map<string, Kept>();

  const makeRoom = (time: number): void => {
    if (buckets.size < bucketsMax) return;
    for (const [key, kept] of buckets) if (kept.fullAt <= time) buckets.delete(key);
    // A Map keeps the order of insertion. A tenth at once, so that the walk above is rare even under attack.
    let spare = buckets.size < bucketsMax ? 0 : Math.ceil(bucketsMax / 10);
    for (const key of buckets.keys()) {
      if (spare-- <= 0) break;
      buckets.delete(key);
    }
  };

  const takeNow = ({ key, burst, perSecond }: Bucket): Taken => {
    const time = now();
    const kept = buckets.get(key);
    if (!kept) makeRoom(time);
    const held = kept ? Math.min(burst, kept.tokens + ((time - kept.at) / 1000) * perSecond) : burst;
    const ok = held >= 1;
    const tokens = ok ? held - 1 : held;
    buckets.set(key, { tokens, at: time, fullAt: time + ((burst - tokens) / perSecond) * 1000 });
    return ok ? { ok } : { ok, retryAfterMs: Math.ceil(((1 - tokens) / perSecond) * 1000) };
  };

  return { takeNow, take: async (bucket) => takeNow(bucket), close: async () => {} };
};

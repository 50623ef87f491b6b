// Token buckets in Redis, shared by all gateways. Each gateway also keeps its own of the same size: what the local one
// refuses the shared one would refuse too, so a flood does not reach Redis, and when Redis is away or was flushed the
// limit still holds per gateway.
import { closeRedis, openRedis, runScript, script } from '../redis.ts';
import { openMemoryRateLimit } from './memory.ts';
import type { RateLimit } from './port.ts';

export type RedisRateLimitOptions = {
  url: string;
  prefix?: string;
  /** Short: a person waits for this answer. */
  commandTimeoutMs?: number;
  /** After a failure the local buckets decide alone for so long, so that an outage costs one wait and not many. */
  pauseMs?: number;
  onTrouble?: (error: Error) => void;
};

/** KEYS: bucket. ARGV: burst, perSecond. Answers 0 for a token, else the wait in milliseconds. */
const takeScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst, perSecond = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if kept[1] then
  tokens = math.min(burst, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) / 1000 * perSecond)
end
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / perSecond * 1000) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / perSecond * 1000) + 1000)
return wait
`);

export const openRedisRateLimit = (options: RedisRateLimitOptions): RateLimit => {
  const { url, prefix = 'chatvui:limit:', commandTimeoutMs = 300, pauseMs = 1000, onTrouble } = options;
  const redis = openRedis({ url, commandTimeoutMs, ...(onTrouble && { onTrouble }) });
  const local = openMemoryRateLimit();
  let alone = 0;

  return {
    async take(bucket) {
      const here = local.takeNow(bucket);
      if (!here.ok || performance.now() < alone) return here;
      try {
        const args = [bucket.burst, bucket.perSecond];
        const wait = await runScript(redis, takeScript, [prefix + bucket.key], args);
        return Number(wait) > 0 ? { ok: false, retryAfterMs: Number(wait) } : { ok: true };
      } catch (error) {
        alone = performance.now() + pauseMs;
        onTrouble?.(error instanceof Error ? error : new Error(String(error)));
        return here;
      }
    },
    async close() {
      closeRedis(redis);
    },
  };
};

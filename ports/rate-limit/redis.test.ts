import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { rateLimitContract } from './contract.ts';
import { openRedisRateLimit } from './redis.ts';

const url = process.env.REDIS_URL;
if (!url) console.warn('SKIPPED redis contract: REDIS_URL unset');
const prefix = `test:${randomUUID()}:`;

describe.skipIf(!url)('rate limits in Redis', () => {
  afterAll(async () => {
    const own = new Redis(url ?? '');
    const keys = await own.keys(`${prefix}*`);
    if (keys.length > 0) await own.del(...keys);
    own.disconnect();
  });
  const open = () => openRedisRateLimit({ url: url ?? '', prefix, commandTimeoutMs: 1000 });

  rateLimitContract(async () => ({
    limit: open(),
    wait: async (ms) => {
      await sleep(ms);
    },
  }));

  it('holds over two gateways together', async () => {
    const gateways = [open(), open()];
    const bucket = { key: randomUUID(), burst: 10, perSecond: 0.01 };
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, i) => gateways[i % 2]?.take(bucket) ?? Promise.reject()),
    );
    expect(taken.filter((each) => each.ok)).toHaveLength(10);
    await Promise.all(gateways.map((gateway) => gateway.close()));
  });
});

describe('rate limits while Redis is away', () => {
  it('hold per gateway, quickly and without throwing', async () => {
    const limit = openRedisRateLimit({ url: 'redis://127.0.0.1:1', commandTimeoutMs: 200 });
    const bucket = { key: 'x', burst: 5, perSecond: 0.01 };
    const started = performance.now();
    const taken = [];
    for (let i = 0; i < 10; i++) taken.push(await limit.take(bucket));
    expect(taken.filter((each) => each.ok)).toHaveLength(5);
    expect(performance.now() - started).toBeLessThan(1000);
    await limit.close();
  });
});

import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { isOutsideError } from '../errors.ts';
import { presenceContract } from './contract.ts';
import type { Lease } from './port.ts';
import { openRedisPresence } from './redis.ts';

const url = process.env.REDIS_URL;
if (!url) console.warn('SKIPPED redis contract: REDIS_URL unset');
const run = `test:${randomUUID()}:`;

/** A door before Redis that can be shut: connections are cut and refused. */
const makeDoor = async (target: URL) => {
  const open = new Set<Socket>();
  const { connect } = await import('node:net');
  let shut = false;
  const server = createServer((socket) => {
    if (shut) return socket.destroy();
    const behind = connect(Number(target.port || 6379), target.hostname);
    for (const each of [socket, behind]) {
      open.add(each);
      each.on('error', () => each.destroy());
      each.on('close', () => {
        open.delete(each);
        socket.destroy();
        behind.destroy();
      });
    }
    return socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    shut: () => {
      shut = true;
      for (const socket of open) socket.destroy();
    },
    reopen: () => {
      shut = false;
    },
    close: () => new Promise((done) => server.close(done)),
  };
};

describe.skipIf(!url)('presence in Redis', () => {
  const own = url ? new Redis(url, { lazyConnect: true }) : undefined;
  const forget = async () => {
    const keys = (await own?.keys(`${run}*`)) ?? [];
    if (keys.length > 0) await own?.del(...keys);
  };
  afterAll(async () => {
    await forget();
    own?.disconnect();
  });
  let count = 0;
  const leaseMs = 800;
  const open = (at = url ?? '') =>
    openRedisPresence({ url: at, leaseMs, prefix: `${run}${count++}:`, commandTimeoutMs: 1000 });

  presenceContract(async () => ({
    presence: open(),
    leaseMs,
    wait: async (ms) => {
      await sleep(ms);
    },
  }));

  const lease: Lease = { userId: randomUUID(), sessionId: randomUUID(), gatewayId: 'g', status: 'online' };

  it('makes leases again after the server forgot everything, its scripts too', async () => {
    const presence = open();
    await presence.open(lease);
    await forget();
    await own?.script('FLUSH');
    expect(await presence.live([lease.userId])).toEqual(new Map([[lease.userId, 'offline']]));
    await presence.renew('g', [lease]);
    expect(await presence.live([lease.userId])).toEqual(new Map([[lease.userId, 'online']]));
    await presence.close();
  });

  it('fails typed and in bounded time while Redis is away, and works again by itself', async () => {
    const door = await makeDoor(new URL(url ?? ''));
    const presence = open(door.url);
    await presence.open(lease);
    door.shut();
    const started = performance.now();
    const failure = await presence.open(lease).catch((error: unknown) => error);
    expect(isOutsideError(failure) && [failure.code, failure.retry]).toEqual([
      'presence_unavailable',
      'later',
    ]);
    expect(performance.now() - started).toBeLessThan(2500);
    door.reopen();
    await expect
      .poll(
        () =>
          presence.renew('g', [lease]).then(
            () => 'back',
            () => 'away',
          ),
        { timeout: 5000 },
      )
      .toBe('back');
    expect((await presence.allLive()).get(lease.userId)).toBe('online');
    await presence.close();
    await door.close();
  });

  it('leaves nothing behind but the projection', async () => {
    const presence = openRedisPresence({ url: url ?? '', leaseMs: 50, prefix: `${run}left:` });
    await presence.open(lease);
    await sleep(120);
    await presence.renew('g', []);
    expect(await own?.keys(`${run}left:u:*`)).toEqual([]);
    await presence.close();
  });
});

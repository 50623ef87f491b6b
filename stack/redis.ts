// Redis, with nothing kept on disk: all that it holds can be made again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { getDebian, which } from './get.ts';
import type { Place } from './place.ts';
import { portOf, type Service } from './service.ts';

const dirOf = (place: Place): string => join(place.dir, 'redis');

export const redis: Service = {
  name: 'redis',
  get: () => getDebian({ 'redis-server': 'redis-server' }),
  configure: async (place) => {
    mkdirSync(dirOf(place), { recursive: true });
    writeFileSync(
      join(dirOf(place), 'redis.conf'),
      `bind 127.0.0.1
port ${portOf(place, 'redis')}
dir ${dirOf(place)}
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
`,
    );
  },
  units: async (place) => [
    {
      id: 'redis',
      command: which('redis-server') ?? 'redis-server',
      args: [join(dirOf(place), 'redis.conf')],
    },
  ],
  check: async (place) => {
    const client = new Redis({
      port: portOf(place, 'redis'),
      host: '127.0.0.1',
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: 1000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.disconnect();
    }
  },
  env: (place) => ({ REDIS_URL: `redis://127.0.0.1:${portOf(place, 'redis')}` }),
};

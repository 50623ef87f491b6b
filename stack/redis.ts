// Redis, with nothing kept on disk: all that it holds can be made again.
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { makeServerDirs } from './account.ts';
import { getDebian } from './debian.ts';
import type { Place } from './place.ts';
import { writeConfig } from './processes.ts';
import { portOf, type Service } from './service.ts';

// The tools hold the server too (one file, several names), but not the service that would start by itself.
const program = () => getDebian('redis-check-rdb', ['redis-tools']);

export const settings = (place: Place): string => `bind 127.0.0.1
port ${portOf(place, 'redis')}
dir "${join(place.dir, 'redis')}"
daemonize no
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
`;

export const redis: Service = {
  name: 'redis',
  get: async () => void (await program()),
  configure: async (place, id) => {
    const dir = join(place.dir, 'redis');
    const file = join(dir, 'redis.conf');
    await makeServerDirs(dir);
    writeConfig(file, settings(place));
    const { path: command, env } = await program();
    return { id, command, argv0: 'redis-server', args: [file], env, cwd: dir };
  },
  check: async (place) => {
    const client = new Redis({
      port: portOf(place, 'redis'),
      host: '127.0.0.1',
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
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

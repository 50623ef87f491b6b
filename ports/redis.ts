// One way to reach Redis: bounded waits, endless quiet reconnecting, and Lua scripts by their hash.
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';

export type RedisOptions = {
  url: string;
  /** How long one command may take, waiting for a connection included. */
  commandTimeoutMs: number;
  /** Connection trouble, for the log. Commands that fail because of it fail on their own. */
  onTrouble?: (error: Error) => void;
};

const reconnectMsMax = 1000;

/** Connects on first use. Commands given while Redis is away fail within `commandTimeoutMs`; later ones work again by themselves. */
export const openRedis = (options: RedisOptions): Redis => {
  const redis = new Redis(options.url, {
    lazyConnect: true,
    connectTimeout: options.commandTimeoutMs,
    commandTimeout: options.commandTimeoutMs,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(25 * 2 ** times, reconnectMsMax) * (0.5 + Math.random() / 2),
    // A replica that was promoted away, or a server that is still loading, is left for a fresh connection.
    reconnectOnError: (error) => /^(READONLY|LOADING)/.test(error.message),
  });
  // Without a listener ioredis prints to the console.
  redis.on('error', (error: Error) => options.onTrouble?.(error));
  return redis;
};

export type Script = { text: string; sha: string };

export const script = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

/** Runs a script by its hash; a server that has forgotten it (restart, SCRIPT FLUSH) is told again. */
export const runScript = async (
  redis: Redis,
  { text, sha }: Script,
  keys: string[],
  args: (string | number)[],
): Promise<unknown> => {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(text, keys.length, ...keys, ...args);
  }
};

/** Lets go of the connection at once; nothing of ours has to be waited for. */
export const closeRedis = (redis: Redis): void => redis.disconnect();

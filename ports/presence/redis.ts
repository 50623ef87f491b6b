// Presence in Redis: shared by all gateways. The keys are made by scripts; one server, not a Redis Cluster.
import { randomUUID } from 'node:crypto';
import type { PresenceRow } from '../../schemas/rows.ts';
import { OutsideError, reasonOf } from '../errors.ts';
import { closeRedis, openRedis, runScript, type Script } from '../redis.ts';
import {
  type Confirmed,
  confirmedKeptMs,
  type KeptPresence,
  type Lease,
  type Presence,
  type Status,
} from './port.ts';
import {
  confirmScript,
  endScript,
  liveScript,
  openScript,
  projectScript,
  renewScript,
  restoreScript,
} from './scripts.ts';

export type RedisPresenceOptions = {
  url: string;
  leaseMs: number;
  /** Before every key, so that several products (or test runs) can share a server. */
  prefix?: string;
  commandTimeoutMs?: number;
  onTrouble?: (error: Error) => void;
};

/** How many people one script or one page handles: the server answers nobody else meanwhile. */
const batchSize = 500;

const inBatches = <T>(items: T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / batchSize) }, (_, i) =>
    items.slice(i * batchSize, (i + 1) * batchSize),
  );

const readRow = (stored: string): PresenceRow => JSON.parse(stored.slice(stored.indexOf('|') + 1));

/** It may be anything: somebody wrote there behind our back. */
const keptOf = (userId: string, seen: string | null, active: boolean): KeptPresence => {
  const nothing = { userId, row: null, position: 0, active, seen };
  if (seen === null) return nothing;
  try {
    return { ...nothing, row: readRow(seen), position: Number.parseInt(seen, 10) };
  } catch {
    return nothing;
  }
};

const leaseName = (lease: Pick<Lease, 'gatewayId' | 'sessionId'>): string =>
  `${lease.gatewayId} ${lease.sessionId}`;

export const openRedisPresence = (options: RedisPresenceOptions): Presence => {
  const { url, leaseMs, prefix = 'chatvui:presence:', commandTimeoutMs = 2000, onTrouble } = options;
  const redis = openRedis({ url, commandTimeoutMs, ...(onTrouble && { onTrouble }) });
  const liveKey = `${prefix}live`;
  const rowsKey = `${prefix}rows`;
  const activeKey = `${prefix}active`;
  const userKey = (userId: string) => `${prefix}u:${userId}`;

  const deviceKey = (deviceId: string) => `${prefix}d:${deviceId}`;
  const wordKey = (word: string) => `${prefix}w:${word}`;

  const outside = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const message = `Redis did not do its part of presence: ${reasonOf(error)}`;
      throw new OutsideError('presence_unavailable', 'later', message, error);
    }
  };
  const run = (what: Script, keys: string[], args: (string | number)[]) =>
    outside(() => runScript(redis, what, keys, args));

  const live = async (userIds: string[]): Promise<Map<string, Status>> => {
    const found = new Map<string, Status>();
    for (const batch of inBatches(userIds)) {
      const statuses = (await run(liveScript, batch.map(userKey), [])) as Status[];
      batch.forEach((userId, i) => {
        found.set(userId, statuses[i] ?? 'offline');
      });
    }
    return found;
  };

  const projected = async (userIds: string[]): Promise<Map<string, PresenceRow>> => {
    const found = new Map<string, PresenceRow>();
    for (const batch of inBatches(userIds)) {
      const stored = await outside(() => redis.hmget(rowsKey, ...batch));
      batch.forEach((userId, i) => {
        const value = stored[i];
        if (value) found.set(userId, readRow(value));
      });
    }
    return found;
  };

  /** These people's, those of whom nothing is kept too. */
  const keptByIds = async (userIds: string[]): Promise<KeptPresence[]> => {
    const [rows, active] = await outside(() =>
      Promise.all([redis.hmget(rowsKey, ...userIds), redis.zmscore(activeKey, ...userIds)]),
    );
    return userIds.map((userId, i) => keptOf(userId, rows[i] ?? null, (active[i] ?? null) !== null));
  };

  /** Members of a sorted set in pages; whoever is in it all the time is seen, some twice. */
  const scan = async (key: string): Promise<string[]> => {
    const members = new Set<string>();
    let cursor = '0';
    do {
      const [next, pairs] = await outside(() => redis.zscan(key, cursor, 'COUNT', batchSize));
      for (let i = 0; i < pairs.length; i += 2) members.add(String(pairs[i]));
      cursor = next;
    } while (cursor !== '0');
    return [...members];
  };

  return {
    async open(lease) {
      const args = [lease.userId, leaseName(lease), lease.status, leaseMs];
      return { first: (await run(openScript, [userKey(lease.userId), liveKey], args)) === 1 };
    },
    async end(lease) {
      const args = [lease.userId, leaseName(lease)];
      return { last: (await run(endScript, [userKey(lease.userId), liveKey], args)) === 1 };
    },
    async renew(gatewayId, leases) {
      for (const batch of inBatches(leases)) {
        const keys = [liveKey, ...batch.map((lease) => userKey(lease.userId))];
        const args = batch.flatMap((lease) => [
          lease.userId,
          leaseName({ ...lease, gatewayId }),
          lease.status,
        ]);
        await run(renewScript, keys, [leaseMs, ...args]);
      }
    },
    live,
    async allLive() {
      const found = new Map<string, 'online' | 'away'>();
      for (const [userId, status] of await live(await scan(liveKey)))
        if (status !== 'offline') found.set(userId, status);
      return found;
    },
    async confirm(places, deviceIds) {
      // What many have confirmed together lies there once.
      const word = randomUUID();
      for (const batch of inBatches(deviceIds)) {
        const keys = [wordKey(word), ...batch.map(deviceKey)];
        await run(confirmScript, keys, [confirmedKeptMs, word, places.join(' ')]);
      }
    },
    async confirmed(deviceIds) {
      const found = new Map<string, Confirmed>();
      for (const batch of inBatches(deviceIds)) {
        const said = await outside(() => Promise.all([redis.mget(...batch.map(deviceKey)), redis.time()]));
        const [kept, [seconds, micros]] = said as [(string | null)[], [number | string, number | string]];
        const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
        const lines = kept.map((line) => (line === null ? null : (line.split(' ') as [string, string])));
        const words = [...new Set(lines.flatMap((line) => line?.[0] ?? []))];
        if (words.length === 0) continue;
        const texts = await outside(() => redis.mget(...words.map(wordKey)));
        const places = new Map(words.map((word, i) => [word, texts[i] ?? null]));
        for (const [i, line] of lines.entries()) {
          const text = line && places.get(line[0]);
          if (!line || typeof text !== 'string') continue;
          const agoMs = Math.max(0, nowMs - Number(line[1]));
          found.set(batch[i] as string, { places: text.split(' ').map(Number), agoMs });
        }
      }
      return found;
    },
    async project(changes) {
      for (const batch of inBatches(changes)) {
        const args = batch.flatMap(({ row, position }) => [
          row.userId,
          position,
          row.status,
          JSON.stringify(row),
        ]);
        await run(projectScript, [rowsKey, activeKey], args);
      }
    },
    projected,
    async active({ limit, cursor }) {
      const from = cursor ? `(${cursor}` : '-';
      const ids = await outside(() => redis.zrangebylex(activeKey, from, '+', 'LIMIT', 0, limit + 1));
      const rows = await projected(ids.slice(0, limit));
      const last = ids.length > limit ? (ids[limit - 1] ?? null) : null;
      return { items: [...rows.values()].filter((row) => row.status !== 'offline'), nextCursor: last };
    },
    async notOffline() {
      const rows = await projected(await scan(activeKey));
      return new Map([...rows].filter(([, row]) => row.status !== 'offline'));
    },
    async *kept(userIds) {
      if (userIds) {
        for (const batch of inBatches(userIds)) yield keptByIds(batch);
        return;
      }
      let cursor = '0';
      do {
        const [next, pairs] = await outside(() => redis.hscan(rowsKey, cursor, 'COUNT', batchSize));
        const ids = [...new Set(pairs.filter((_, i) => i % 2 === 0))];
        if (ids.length > 0) yield keptByIds(ids);
        cursor = next;
      } while (cursor !== '0');
      // Shown, and nothing is kept of them.
      for (const batch of inBatches(await scan(activeKey)))
        yield (await keptByIds(batch)).filter(({ seen }) => seen === null);
    },
    async restore(pieces) {
      for (const batch of inBatches(pieces)) {
        const args = batch.flatMap(({ userId, seen, right }) => [
          userId,
          seen ?? '',
          right ? `${right.position}|${JSON.stringify(right.row)}` : '',
          right && right.row.status !== 'offline' ? 1 : 0,
        ]);
        await run(restoreScript, [rowsKey, activeKey], args);
      }
    },
    async serverVersion() {
      const info = await outside(() => redis.info('server'));
      return /redis_version:(\S+)/.exec(info)?.[1] ?? '';
    },
    async ping() {
      await outside(() => redis.ping());
    },
    async close() {
      closeRedis(redis);
    },
  };
};

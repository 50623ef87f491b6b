// Presence inside the process: for one gateway that has no Redis. Leases expire here too, by the injected clock.
import type { PresenceRow } from '../../schemas/rows.ts';
import { type Confirmed, confirmedKeptMs, type Lease, type Presence, type Status } from './port.ts';

type Kept = { status: Lease['status']; expires: number };
type Projected = { row: PresenceRow; position: number };

export type MemoryPresenceOptions = {
  leaseMs: number;
  /** Milliseconds; any origin. */
  now?: () => number;
};

const leaseKey = (lease: Pick<Lease, 'gatewayId' | 'sessionId'>): string =>
  `${lease.gatewayId} ${lease.sessionId}`;

export const openMemoryPresence = (options: MemoryPresenceOptions): Presence => {
  const now = options.now ?? (() => performance.now());
  const people = new Map<string, Map<string, Kept>>();
  const rows = new Map<string, Projected>();
  const devices = new Map<string, { places: number[]; at: number }>();

  /** The person's leases without expired ones; people without any are forgotten. */
  const liveOf = (userId: string): Map<string, Kept> | undefined => {
    const leases = people.get(userId);
    if (!leases) return undefined;
    const time = now();
    for (const [key, kept] of leases) if (kept.expires <= time) leases.delete(key);
    if (leases.size > 0) return leases;
    people.delete(userId);
    return undefined;
  };

  const put = (lease: Lease): void => {
    const leases = people.get(lease.userId) ?? new Map<string, Kept>();
    leases.set(leaseKey(lease), { status: lease.status, expires: now() + options.leaseMs });
    people.set(lease.userId, leases);
  };

  const statusOf = (userId: string): Status => {
    const leases = liveOf(userId);
    if (!leases) return 'offline';
    return [...leases.values()].some((kept) => kept.status === 'online') ? 'online' : 'away';
  };

  return {
    async open(lease) {
      const others = [...(liveOf(lease.userId)?.keys() ?? [])].filter((key) => key !== leaseKey(lease));
      put(lease);
      return { first: others.length === 0 };
    },
    async end(lease) {
      people.get(lease.userId)?.delete(leaseKey(lease));
      return { last: liveOf(lease.userId) === undefined };
    },
    async renew(gatewayId, leases) {
      for (const lease of leases) put({ ...lease, gatewayId });
    },
    async live(userIds) {
      return new Map(userIds.map((userId) => [userId, statusOf(userId)]));
    },
    async allLive() {
      const found = new Map<string, 'online' | 'away'>();
      for (const userId of [...people.keys()]) {
        const status = statusOf(userId);
        if (status !== 'offline') found.set(userId, status);
      }
      return found;
    },
    async confirm(places, deviceIds) {
      const at = now();
      for (const id of deviceIds) {
        devices.delete(id);
        devices.set(id, { places, at });
      }
      // The longest silent ones lie first.
      for (const [id, kept] of devices) {
        if (at - kept.at < confirmedKeptMs) break;
        devices.delete(id);
      }
    },
    async confirmed(deviceIds) {
      const found = new Map<string, Confirmed>();
      for (const id of deviceIds) {
        const kept = devices.get(id);
        const agoMs = kept ? now() - kept.at : confirmedKeptMs;
        if (kept && agoMs < confirmedKeptMs) found.set(id, { places: kept.places, agoMs });
      }
      return found;
    },
    async project(changes) {
      for (const { row, position } of changes) {
        const kept = rows.get(row.userId);
        if (!kept || position > kept.position) rows.set(row.userId, { row, position });
      }
    },
    async projected(userIds) {
      const found = new Map<string, PresenceRow>();
      for (const userId of userIds) {
        const kept = rows.get(userId);
        if (kept) found.set(userId, kept.row);
      }
      return found;
    },
    async active({ limit, cursor = '' }) {
      const items = [...rows.values()]
        .map((kept) => kept.row)
        .filter((row) => row.status !== 'offline' && row.userId > cursor)
        .sort((a, b) => (a.userId < b.userId ? -1 : 1));
      const page = items.slice(0, limit);
      return { items: page, nextCursor: items.length > limit ? (page.at(-1)?.userId ?? null) : null };
    },
    async notOffline() {
      return new Map(
        [...rows].filter(([, kept]) => kept.row.status !== 'offline').map(([id, kept]) => [id, kept.row]),
      );
    },
    async *kept(userIds) {
      const wanted = userIds ? new Set(userIds) : null;
      yield [...rows]
        .filter(([userId]) => !wanted || wanted.has(userId))
        .map(([userId, { row, position }]) => ({
          userId,
          row,
          position,
          active: row.status !== 'offline',
          seen: JSON.stringify([position, row]),
        }));
    },
    async restore(pieces) {
      for (const { userId, seen, right } of pieces) {
        const kept = rows.get(userId);
        if (seen !== (kept ? JSON.stringify([kept.position, kept.row]) : null)) continue;
        if (right) rows.set(userId, right);
        else rows.delete(userId);
      }
    },
    async ping() {},
    async close() {},
  };
};

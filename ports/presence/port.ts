// Presence: who holds a socket right now (leases with expiry), and the view that the presence projection keeps.
import type { PresenceRow } from '../../schemas/rows.ts';

export type Status = PresenceRow['status'];

/** One open socket. It lives while its gateway says so, at longest `leaseMs` after the last word. */
export type Lease = { userId: string; sessionId: string; gatewayId: string; status: 'online' | 'away' };

/** What the projection keeps of one person, as it lies there. */
export type KeptPresence = {
  userId: string;
  /** Null: nothing that can be read. */
  row: PresenceRow | null;
  position: number;
  /** It is among those that are shown as online or away. */
  active: boolean;
  /** What lies there, for `restore`; the adapter's own. Null: nothing. */
  seen: string | null;
};

/** `right`: what ought to be kept (null: nothing), whatever position lies there now. */
export type Restoration = {
  userId: string;
  seen: string | null;
  right: { row: PresenceRow; position: number } | null;
};

/** What has reached a device: per partition of chat.conversations the place up to which it has everything. */
export type Confirmed = {
  places: number[];
  /** How long ago it said so. */
  agoMs: number;
};
/** For so long a device's last word is remembered. */
export const confirmedKeptMs = 600_000;

export interface Presence {
  /** Starts or changes a lease. `first`: nobody else held one for this person a moment ago. */
  open(lease: Lease): Promise<{ first: boolean }>;
  /** Ends a lease. `last`: the person holds none any more. An unknown lease changes nothing. */
  end(lease: Pick<Lease, 'userId' | 'sessionId' | 'gatewayId'>): Promise<{ last: boolean }>;
  /** Renews all leases of a gateway, and makes again those that the server has forgotten (a restart, a flush). */
  renew(gatewayId: string, leases: Lease[]): Promise<void>;
  /** The best status among live leases; people without one are `offline`. */
  live(userIds: string[]): Promise<Map<string, Status>>;
  /** Everybody with a live lease (bounded scan in pages inside the adapter). */
  allLive(): Promise<Map<string, 'online' | 'away'>>;

  /** These devices (sessions) are connected now and have everything up to these places. The last word counts. */
  confirm(places: number[], deviceIds: string[]): Promise<void>;
  /** Those that have said something lately. */
  confirmed(deviceIds: string[]): Promise<Map<string, Confirmed>>;

  /** The projection: taken only where `position` is newer than the kept one's. `partition` is the event's. */
  project(rows: { row: PresenceRow; partition: number; position: number }[]): Promise<void>;
  /** The projected rows of these people; unknown people are left out. */
  projected(userIds: string[]): Promise<Map<string, PresenceRow>>;
  /** People that the projection shows as online or away, in pages. */
  active(query: {
    limit: number;
    cursor?: string;
  }): Promise<{ items: PresenceRow[]; nextCursor: string | null }>;
  /** Everybody that the projection does not show as offline. */
  notOffline(): Promise<Map<string, PresenceRow>>;

  /** Everything that the projection keeps, in pages, for comparing it with the log; these people only, when named. */
  kept(userIds?: string[]): AsyncIterable<KeptPresence[]>;
  /** Makes the kept ones right; what has changed since it was seen stays as it is. */
  restore(pieces: Restoration[]): Promise<void>;

  ping(): Promise<void>;
  /** Where there is a server. */
  serverVersion?(): Promise<string>;
  close(): Promise<void>;
}

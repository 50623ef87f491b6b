// The gateway's side of presence: each socket holds a lease; the first and the last one of a person are events.
import { reasonOf } from '../ports/errors.ts';
import type { Lease, Presence, Status } from '../ports/presence/port.ts';
import { makeEvent } from '../schemas/codec.ts';
import type { ChatEvent } from '../schemas/events.ts';
import type { PresenceRow } from '../schemas/rows.ts';

/** A reload or a change of networks is no going away. */
const graceMs = 3_000;
const renewMs = 3_000;
const shownWithinMs = 2_000;

export type GatewayPresenceOptions = {
  gatewayId: string;
  presence: Presence;
  publish: (event: ChatEvent) => Promise<void>;
  /** What the tail said last of somebody. Where it is behind the projection, it is about to say the same. */
  lastHeard: (userId: string) => PresenceRow | undefined;
  /** Chosen for good: no device of theirs holds a lease, at any gateway. */
  isInvisible?: (userId: string) => boolean;
  logger: { warn(fields: object, message: string): void };
};

export class GatewayPresence {
  readonly #options: GatewayPresenceOptions;
  readonly #leases = new Map<string, Lease>();
  /** People who want to be seen as offline: their sockets hold no leases. */
  readonly #hidden = new Set<string>();
  readonly #leaving = new Set<NodeJS.Timeout>();
  readonly #renewal: NodeJS.Timeout;
  #renewing = false;

  constructor(options: GatewayPresenceOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => void this.#renew(), renewMs);
  }

  /** `socketId` is the lease's name: one device may hold several sockets. */
  async enter(userId: string, socketId: string): Promise<void> {
    const { gatewayId, presence } = this.#options;
    const lease: Lease = { userId, sessionId: socketId, gatewayId, status: 'online' };
    this.#leases.set(socketId, lease);
    if (this.#isHidden(userId)) return;
    try {
      const { first } = await presence.open(lease);
      if (first) await this.#publish(userId, 'online');
    } catch (error) {
      // Without the server nobody can tell who was first; saying "online" twice does no harm.
      this.#warn(error, 'presence could not be opened');
      await this.#publish(userId, 'online');
    }
    if (!this.#leases.has(socketId) || this.#isHidden(userId)) await this.#close(lease);
  }

  leave(socketId: string): void {
    const lease = this.#leases.get(socketId);
    if (!lease) return;
    this.#leases.delete(socketId);
    if (this.#hidden.has(lease.userId)) this.#unhideWhenGone(lease.userId);
    else if (!this.#isHidden(lease.userId)) void this.#close(lease);
  }

  /** By hand: away, back, or hidden until the last device of this person has gone from here. */
  async setStatus(userId: string, status: Status): Promise<void> {
    if (this.#options.isInvisible?.(userId)) return;
    const { presence } = this.#options;
    if (status === 'offline') this.#hidden.add(userId);
    else this.#hidden.delete(userId);
    for (const lease of this.#leases.values()) {
      if (lease.userId !== userId) continue;
      if (status === 'offline') await presence.end(lease);
      else {
        lease.status = status;
        await presence.open(lease);
      }
    }
    await this.#publish(userId, status);
    await this.#shown(userId, status);
  }

  /** Invisible from now on, or not any more. Whichever gateway ends the last lease, or opens the first one, says so. */
  async visibilityChanged(userId: string): Promise<void> {
    const { presence } = this.#options;
    for (const lease of this.#leases.values()) {
      if (lease.userId !== userId || this.#hidden.has(userId)) continue;
      try {
        if (this.#isHidden(userId)) {
          if ((await presence.end(lease)).last) await this.#publish(userId, 'offline');
        } else if ((await presence.open(lease)).first) await this.#publish(userId, 'online');
      } catch (error) {
        this.#warn(error, 'presence could not follow a choice');
      }
    }
  }

  #isHidden(userId: string): boolean {
    return this.#hidden.has(userId) || (this.#options.isInvisible?.(userId) ?? false);
  }

  /** What has reached these devices. Said without being waited for: who does not hear it tells them once more. */
  async confirm(places: number[], deviceIds: string[]): Promise<void> {
    try {
      await this.#options.presence.confirm(places, deviceIds);
    } catch (error) {
      this.#warn(error, 'what has reached devices could not be said');
    }
  }

  /** Resolves when the projection shows it, or after a bounded wait. */
  async #shown(userId: string, status: Status): Promise<void> {
    const deadline = performance.now() + shownWithinMs;
    while (performance.now() < deadline) {
      const row = (await this.#projected([userId])).get(userId);
      if ((row?.status ?? 'offline') === status) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #unhideWhenGone(userId: string): void {
    for (const lease of this.#leases.values()) if (lease.userId === userId) return;
    this.#hidden.delete(userId);
  }

  /** What the tail has said, else what the projection shows; those of whom neither knows anything are offline. */
  async statuses(userIds: string[]): Promise<PresenceRow[]> {
    const rows = await this.#projected(userIds);
    // Asked after the rows were read: what a watcher was shown meanwhile must not be taken back by older ones.
    return userIds.flatMap((userId) => this.#options.lastHeard(userId) ?? rows.get(userId) ?? []);
  }

  async #projected(userIds: string[]): Promise<Map<string, PresenceRow>> {
    try {
      return await this.#options.presence.projected(userIds);
    } catch (error) {
      this.#warn(error, 'presence could not be read');
      return new Map();
    }
  }

  /** Ends all leases at once: the people of a gateway that stops are gone unless they come back elsewhere. */
  async close(): Promise<void> {
    clearInterval(this.#renewal);
    for (const timer of this.#leaving) clearTimeout(timer);
    const leases = [...this.#leases.values()];
    this.#leases.clear();
    await Promise.allSettled(leases.map((lease) => this.#options.presence.end(lease)));
  }

  async #close(lease: Lease): Promise<void> {
    try {
      const { last } = await this.#options.presence.end(lease);
      if (last) this.#offlineUnlessBack(lease.userId);
    } catch (error) {
      // The lease runs out by itself and the sweeper of the presence consumer says so.
      this.#warn(error, 'presence could not be closed');
    }
  }

  #offlineUnlessBack(userId: string): void {
    const timer = setTimeout(async () => {
      this.#leaving.delete(timer);
      try {
        const live = await this.#options.presence.live([userId]);
        if ((live.get(userId) ?? 'offline') === 'offline') await this.#publish(userId, 'offline');
      } catch (error) {
        this.#warn(error, 'presence could not be checked');
      }
    }, graceMs);
    this.#leaving.add(timer);
  }

  async #renew(): Promise<void> {
    const shown = [...this.#leases.values()].filter(({ userId }) => !this.#isHidden(userId));
    if (this.#renewing || shown.length === 0) return;
    this.#renewing = true;
    try {
      await this.#options.presence.renew(this.#options.gatewayId, shown);
    } catch (error) {
      this.#warn(error, 'presence could not be renewed');
    }
    this.#renewing = false;
  }

  async #publish(userId: string, status: Status): Promise<void> {
    const at = new Date().toISOString();
    const event = makeEvent({
      type: 'presence.changed',
      id: crypto.randomUUID(),
      subject: userId,
      actor: userId,
      time: at,
      data: { presence: { userId, status, at } },
    });
    try {
      await this.#options.publish(event);
    } catch (error) {
      this.#warn(error, 'a change of presence could not be written');
    }
  }

  #warn(error: unknown, message: string): void {
    this.#options.logger.warn({ reason: reasonOf(error) }, message);
  }
}

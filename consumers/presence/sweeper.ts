// Compares what is shown with who is really here, because a gateway that was killed says no goodbye, and because a view
// can be lost. What is wrong is set right by an event, so that everybody learns it in the same way.
//
// Bound: lease (9 s) + one look (1.5 s) + grace (3 s) = 13.5 s from a killed gateway's last renewal to the event.
import { reasonOf } from '../../ports/errors.ts';
import type { PresenceHistory } from '../../ports/history/port.ts';
import type { Presence } from '../../ports/presence/port.ts';
import { makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import type { PresenceRow } from '../../schemas/rows.ts';
import type { Logger } from '../projection.ts';
import { Suspicion } from './suspicion.ts';

export type SweeperOptions = {
  view: Pick<Presence, 'allLive' | 'notOffline' | 'project' | 'projected'>;
  store: Pick<PresenceHistory, 'notOffline'>;
  /** Resolves when it is in the log. */
  publish: (event: ChatEvent) => Promise<unknown>;
  partitionOf: (userId: string) => number;
  /** Each sweeper looks after the people of the partitions that its process keeps, so that two do not do the same. */
  kept: () => Set<number>;
  logger: Logger;
  graceMs?: number;
  /** Before anybody is called away after trouble: gateways make their leases again within this. */
  graceAfterTroubleMs?: number;
  /** Milliseconds, any origin. */
  now?: () => number;
};

/** SQL is asked at every so many looks only, and whenever the view lacks somebody who is here. */
const looksPerComparison = 5;
/** Of the events that one look writes: the rest follows at the next. */
const eventsMax = 1000;
/** An event that was written is not repeated for this long, though the view may lag. */
const patienceMs = 30_000;

export class Sweeper {
  readonly #options: Required<SweeperOptions>;
  readonly #suspicion = new Suspicion();
  #looks = 0;
  #troubleMs = Number.NEGATIVE_INFINITY;
  #reason: string | undefined;

  constructor(options: SweeperOptions) {
    this.#options = { graceMs: 3000, graceAfterTroubleMs: 10_000, now: () => performance.now(), ...options };
  }

  /** One look. Never throws: while something is away nobody is judged. */
  async sweep(): Promise<void> {
    const { now, logger } = this.#options;
    try {
      await this.#look();
      if (this.#reason !== undefined) logger.info({}, 'presence can be compared again');
      this.#reason = undefined;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== this.#reason) logger.warn({ reason }, 'presence cannot be compared now');
      this.#reason = reason;
      this.#troubleMs = now();
      this.#suspicion.clear();
    }
  }

  async #look(): Promise<void> {
    const { view, now, graceMs, graceAfterTroubleMs, partitionOf, kept } = this.#options;
    const [live, shown] = [await view.allLive(), await view.notOffline()];
    const ours = kept();
    const isOurs = (userId: string): boolean => ours.has(partitionOf(userId));
    const missing = [...live.keys()].some((userId) => !shown.has(userId) && isOurs(userId));
    if (missing || this.#looks++ % looksPerComparison === 0) await this.#restore(shown, isOurs);
    const suspects = new Set<string>();
    for (const userId of shown.keys()) if (!live.has(userId) && isOurs(userId)) suspects.add(userId);
    for (const userId of live.keys()) if (!shown.has(userId) && isOurs(userId)) suspects.add(userId);
    const troubled = now() - this.#troubleMs < graceAfterTroubleMs;
    const due = this.#suspicion.look(suspects, now(), troubled ? graceAfterTroubleMs : graceMs);
    const batch = due.slice(0, eventsMax);
    await Promise.all(batch.map((userId) => this.#publish(userId, live.get(userId) ?? 'offline')));
    this.#suspicion.acquit(batch, now() + patienceMs);
  }

  /** Whom SQL knows as present and the view does not show: the view was lost, or is new. It is made again. */
  async #restore(shown: Map<string, PresenceRow>, isOurs: (userId: string) => boolean): Promise<void> {
    const { store, view, partitionOf, now, logger } = this.#options;
    const absent = (await store.notOffline()).filter(({ userId }) => !shown.has(userId) && isOurs(userId));
    if (absent.length === 0) return;
    const rows = absent.map(({ userId, status, at, position }) => ({
      row: { userId, status, at },
      partition: partitionOf(userId),
      position,
    }));
    await view.project(rows);
    // The view is ahead of SQL by a batch: who has just gone is newer there and stays gone.
    const kept = await view.projected(rows.map(({ row }) => row.userId));
    const restored = [...kept.values()].filter(({ status }) => status !== 'offline');
    if (restored.length === 0) return;
    for (const row of restored) shown.set(row.userId, row);
    // The leases may be lost too, and gateways need a moment to make them again.
    this.#troubleMs = now();
    this.#suspicion.clear();
    logger.info({ people: restored.length }, 'the view of who is here was made again out of SQL');
  }

  #publish(userId: string, status: PresenceRow['status']): Promise<unknown> {
    const at = new Date().toISOString();
    const presence = { userId, status, at };
    const id = crypto.randomUUID();
    const event = { type: 'presence.changed', id, subject: userId, actor: null, time: at } as const;
    return this.#options.publish(makeEvent({ ...event, data: { presence } }));
  }
}

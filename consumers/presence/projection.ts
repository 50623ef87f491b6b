// The presence projection: who is here now (the shared view, lost with Redis) and who was last here when (SQL, kept).
//
// The view first, then SQL with the position. The view takes only what is newer, so a batch that comes again, or from a
// former owner, changes nothing; and since the position moves last, no row is lost while either of the two is away.
import type { Claim, PresenceHistory } from '../../ports/history/port.ts';
import type { Presence } from '../../ports/presence/port.ts';
import type { Projection, Work } from '../projection.ts';
import { applyPresence } from './apply.ts';

export type PresenceProjectionOptions = {
  store: PresenceHistory;
  view: Pick<Presence, 'project'>;
  /** Of the log that is read. */
  epoch: string;
};

export class PresenceProjection implements Projection {
  readonly #options: PresenceProjectionOptions;

  constructor(options: PresenceProjectionOptions) {
    this.#options = options;
  }

  claim(topic: string, partition: number): Promise<Claim> {
    return this.#options.store.claim(topic, partition, this.#options.epoch);
  }

  /** Nothing is remembered between batches. */
  release(): void {}

  /** Events that were given up are only logged: nobody misses a green dot of long ago. */
  async handle({ topic, partition, fence, next, events }: Work): Promise<{ voided: number }> {
    const { store, view } = this.#options;
    const changes = applyPresence(events);
    if (changes.length > 0) await view.project(changes.map((change) => ({ ...change, partition })));
    const rows = changes.map(({ row: { userId, status, at }, position }) => ({
      userId,
      status,
      at,
      position,
    }));
    await store.commit({ topic, partition, fence, next, rows });
    return { voided: 0 };
  }
}

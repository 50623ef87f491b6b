// A view in the memory of this process, which no other one can look into, held against the rows that the log makes of it.
// What is wrong at two looks, and was touched by nobody in between, is made right and said.
import { reasonOf } from '../../ports/errors.ts';
import type { KeptPresenceRow, PresenceHistory } from '../../ports/history/port.ts';
import type { KeptPresence, Presence } from '../../ports/presence/port.ts';
import type { Logger } from '../projection.ts';

export type SelfCheckOptions = {
  view: Pick<Presence, 'kept' | 'restore'>;
  store: Pick<PresenceHistory, 'rows'>;
  partitionOf: (userId: string) => number;
  /** Partitions that are moving: where a commit hangs, the view is rightly ahead. */
  moving: () => Set<number>;
  logger: Logger;
};

const rowsAtOnce = 500;
const namedMax = 20;

export class SelfCheck {
  readonly #options: SelfCheckOptions;
  /** By person: what lay there at the last look, and what ought to. */
  #wrong = new Map<string, string>();

  constructor(options: SelfCheckOptions) {
    this.#options = options;
  }

  /** One look. Never throws: while the rows are away nothing is judged. */
  async look(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#look();
    } catch (error) {
      this.#wrong = new Map();
      logger.warn({ reason: reasonOf(error) }, 'the view of who is here could not be compared');
    }
  }

  async #look(): Promise<void> {
    const { view, logger } = this.#options;
    const wrong = new Map<string, string>();
    const due: { kept: KeptPresence; row: KeptPresenceRow | undefined }[] = [];
    for await (const page of view.kept())
      for (let from = 0; from < page.length; from += rowsAtOnce)
        for (const piece of await this.#differing(page.slice(from, from + rowsAtOnce))) {
          const { userId } = piece.kept;
          const found = JSON.stringify([piece.kept.seen, piece.row]);
          if (this.#wrong.get(userId) === found) due.push(piece);
          else wrong.set(userId, found);
        }
    this.#wrong = wrong;
    if (due.length === 0) return;
    await view.restore(
      due.map(({ kept: { userId, seen }, row }) => ({ userId, seen, right: row ? rightOf(row) : null })),
    );
    const people = due.slice(0, namedMax).map(({ kept: { userId } }) => userId);
    logger.warn(
      { count: due.length, people },
      'the view of who is here differed from its rows; it is mended',
    );
  }

  /** Who is offline need not be in a view that was made anew; the sweeper brings back who is here. */
  async #differing(page: KeptPresence[]) {
    const { store, partitionOf, moving } = this.#options;
    const ours = moving();
    const looked = page.filter(({ userId }) => ours.has(partitionOf(userId)));
    const rows = await store.rows({ userIds: looked.map(({ userId }) => userId) });
    const right = new Map(rows.map((row) => [row.userId, row]));
    return looked
      .map((kept) => ({ kept, row: right.get(kept.userId) }))
      .filter(({ kept, row }) => !row || JSON.stringify(rightOf(row)) !== shownBy(kept));
  }
}

const rightOf = ({ userId, status, at, position }: KeptPresenceRow) => ({
  row: { userId, status, at },
  position,
});
const shownBy = ({ row, position }: KeptPresence): string =>
  JSON.stringify({ row: row && { userId: row.userId, status: row.status, at: row.at }, position });

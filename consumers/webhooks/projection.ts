// The consumer that writes down what each webhook is to be told, with its position, in one transaction. It stands beside
// history and follows its verdict.
import { OutsideError } from '../../ports/errors.ts';
import type { Claim, HistoryReader } from '../../ports/history/port.ts';
import type { HookFeed } from '../../ports/webhooks/port.ts';
import type { Projection, Work } from '../projection.ts';
import { Verdicts } from '../verdicts.ts';
import { deliveriesFor, toldAmong } from './choose.ts';

export type WebhooksOptions = {
  store: Pick<HookFeed, 'claim' | 'hooks' | 'commit'>;
  history: Pick<HistoryReader, 'applied' | 'voided' | 'standings'>;
  epoch: string;
  /** Where the partition of chat.conversations ends now. */
  endOf(partition: number): Promise<number>;
  /** Something was written down. */
  onEnqueued(): void;
  now?: () => number;
};

/** How often hooks may change while one batch is written. */
const tries = 20;

export class WebhooksProjection implements Projection {
  readonly #options: WebhooksOptions;
  readonly #verdicts: Verdicts;
  /** The first offset of each partition that was not taken yet. */
  readonly #from = new Map<number, number>();

  constructor(options: WebhooksOptions) {
    this.#options = options;
    this.#verdicts = new Verdicts(options.history);
  }

  async claim(topic: string, partition: number): Promise<Claim> {
    const { store, epoch, endOf } = this.#options;
    const startAt = async () => {
      const end = await endOf(partition);
      const { hooks } = await store.hooks();
      // What was before the first hook concerns nobody.
      return Math.min(end, ...hooks.map(({ horizon }) => horizon[partition] ?? 0));
    };
    const claimed = await store.claim(topic, partition, epoch, startAt);
    this.#from.set(partition, claimed.next);
    return claimed;
  }

  gaveUp(topic: string, partition: number, offset: number): Promise<boolean> {
    return this.#verdicts.gaveUp(topic, partition, offset);
  }

  release(_topic: string, partition: number): void {
    this.#from.delete(partition);
  }

  async handle(work: Work): Promise<{ voided: number }> {
    const { store, history, onEnqueued, now = Date.now } = this.#options;
    const { topic, partition, fence, next, events } = work;
    const counted = await this.#verdicts.counted(work);
    const told = toldAmong(counted);
    const scrubbed = told.flatMap(({ told: { type, messageId } }) =>
      type === 'message.deleted' && messageId ? [messageId] : [],
    );
    const first = this.#from.get(partition) ?? events[0]?.offset ?? next;
    for (let attempt = 0; attempt < tries; attempt++) {
      const { version, hooks } = await store.hooks();
      const active = hooks.filter(({ state }) => state === 'active');
      const deliveries =
        active.length > 0 && told.length > 0
          ? await deliveriesFor(history, { hooks: active, events: told, partition, mode: 'live' })
          : [];
      const paused = hooks.filter(({ state }) => state === 'paused').map(({ id }) => id);
      const at = new Date(now()).toISOString();
      const batch = { topic, partition, fence, first, next, version, deliveries, paused, scrubbed, now: at };
      if ((await store.commit(batch)) === 'stale') continue;
      this.#from.set(partition, next);
      if (deliveries.length > 0) onEnqueued();
      return { voided: events.length - counted.length };
    }
    throw new OutsideError('hooks_change', 'later', 'Webhooks change faster than a batch can be written.');
  }
}

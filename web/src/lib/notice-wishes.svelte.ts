// How the person wants to be told when they are away: kept by the server, the same for all their devices. A change shows at
// once and is taken back when the server refuses it.
import type {
  NoticeChannel,
  NoticeKind,
  NotificationPreferences,
  NotificationPreferencesBody,
} from '../../../schemas/notifications.ts';
import type { Api } from './api.ts';
import type { Toasts } from './toasts.svelte.ts';

type WishesApi = Pick<Api, 'notificationPreferences' | 'preferNotifications'>;

export const kindsTold: readonly NoticeKind[] = ['mention', 'direct', 'keyword', 'group', 'reaction'];
export const channelsTold: readonly NoticeChannel[] = ['push', 'email'];

export class NoticeWishes {
  preferences = $state.raw<NotificationPreferences | null>(null);
  hasFailed = $state(false);
  readonly #api: WishesApi;
  readonly #toasts: Pick<Toasts, 'attempt'>;
  /** One after the other: the last wish is the last one written. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(api: WishesApi, toasts: Pick<Toasts, 'attempt'>) {
    this.#api = api;
    this.#toasts = toasts;
  }

  async load(): Promise<void> {
    this.hasFailed = false;
    try {
      this.preferences = await this.#api.notificationPreferences();
    } catch {
      this.hasFailed = true;
    }
  }

  async change(body: NotificationPreferencesBody): Promise<void> {
    if (!this.preferences) return;
    this.preferences = changed(this.preferences, body);
    this.#waiting += 1;
    const work = this.#last.then(() => this.#toasts.attempt(() => this.#api.preferNotifications(body)));
    this.#last = work.catch(() => undefined);
    const answer = await work.finally(() => {
      this.#waiting -= 1;
    });
    if (this.#waiting > 0) return;
    if (answer) this.preferences = answer;
    else await this.load();
  }

  choose(kind: NoticeKind, channel: NoticeChannel, isOn: boolean): Promise<void> {
    return this.change({ kinds: { [kind]: { [channel]: isOn } } });
  }
}

/** As the server does it. */
const changed = (
  before: NotificationPreferences,
  body: NotificationPreferencesBody,
): NotificationPreferences => ({
  ...before,
  ...body,
  kinds: Object.fromEntries(
    kindsTold.map((kind) => [kind, { ...before.kinds[kind], ...body.kinds?.[kind] }]),
  ) as NotificationPreferences['kinds'],
  afterSeconds: { ...before.afterSeconds, ...body.afterSeconds },
});

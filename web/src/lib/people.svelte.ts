// Profiles and who is online, for the people on screen. Asks for unknown profiles once, many with one request, and first for
// those who came on screen last: who was scrolled past can wait.
import { SvelteMap } from 'svelte/reactivity';
import type { Api } from './api.ts';
import type { ServerFrame, User } from './protocol.ts';
import { withoutBidi } from './safe-text.ts';

type UserFrame = Extract<ServerFrame, { type: 'user' }>;

const requestsMax = 2;
const idsMax = 50;
const activePagesMax = 5;

/** What somebody says of oneself, while it holds. */
export const statusOf = ({ statusText, statusUntil }: User): string =>
  statusText && (!statusUntil || Date.parse(statusUntil) > Date.now()) ? withoutBidi(statusText) : '';

export class People {
  readonly #api: Api;
  readonly #byId = new SvelteMap<string, User>();
  readonly #wanted = new Set<string>();
  readonly #inFlight = new Set<string>();
  /** What was heard of somebody while the profile was on its way: it may be newer than the answer. */
  readonly #heard = new Map<string, Partial<User>>();
  #running = 0;

  constructor(api: Api, me: User) {
    this.#api = api;
    this.#byId.set(me.id, me);
  }

  get all(): Iterable<User> {
    return this.#byId.values();
  }

  /** As this browser kept them; who is online now it cannot know. */
  start(kept: readonly User[]): void {
    for (const user of kept)
      if (!this.#byId.has(user.id)) this.#byId.set(user.id, { ...user, status: 'offline' });
  }

  /** Known or asked for: reading it in a component is enough, the component updates when it comes. */
  get(id: string): User | undefined {
    const known = this.#byId.get(id);
    if (!known && !this.#wanted.has(id)) {
      this.#wanted.add(id);
      queueMicrotask(() => this.#work());
    }
    return known;
  }

  /** What is known of somebody, without asking for more. */
  known(id: string): User | undefined {
    return this.#byId.get(id);
  }

  name(id: string): string {
    return withoutBidi(this.get(id)?.username ?? '…');
  }

  isOnline(id: string): boolean {
    const status = this.get(id)?.status;
    return status === 'online' || status === 'away';
  }

  put(user: User): void {
    this.#byId.set(user.id, user);
  }

  putStatus(id: string, status: User['status'], lastOnline: string | null): void {
    this.#hear(id, lastOnline === null ? { status } : { status, lastOnline });
  }

  /** Of a watched person something is different; a status in words that is gone is null. */
  putChange({ userId, statusText, statusUntil, ...change }: Omit<UserFrame, 'type'>): void {
    const isSaid = statusText !== undefined && { statusText: statusText ?? undefined };
    const isUntil = statusUntil !== undefined && { statusUntil: statusUntil ?? undefined };
    this.#hear(userId, { ...change, ...isSaid, ...isUntil } as Partial<User>);
  }

  #hear(id: string, change: Partial<User>): void {
    const known = this.#byId.get(id);
    if (known) this.#byId.set(id, { ...known, ...change });
    else if (this.#inFlight.has(id)) this.#heard.set(id, { ...this.#heard.get(id), ...change });
  }

  /** After a gap in the frames: who is online now. Those who are not named and were online are offline. */
  async refreshStatuses(): Promise<void> {
    const online = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < activePagesMax; page += 1) {
      const { items, nextCursor } = await this.#api.activeUsers(cursor);
      for (const user of items) {
        online.add(user.id);
        this.put({ ...this.#byId.get(user.id), ...user });
      }
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    // More people are online than we asked for: then nobody is called offline on that ground.
    if (online.size >= activePagesMax * 100) return;
    for (const user of this.#byId.values()) {
      if (user.status !== 'offline' && !online.has(user.id)) this.put({ ...user, status: 'offline' });
    }
  }

  async find(q: string): Promise<User[]> {
    const { items } = await this.#api.users(q);
    for (const user of items) this.put(user);
    return items;
  }

  #work(): void {
    while (this.#running < requestsMax) {
      const ids = [...this.#wanted].filter((id) => !this.#inFlight.has(id)).slice(-idsMax);
      if (ids.length === 0) return;
      this.#running += 1;
      for (const id of ids) this.#inFlight.add(id);
      void this.#ask(ids);
    }
  }

  async #ask(ids: readonly string[]): Promise<void> {
    try {
      const { items } = await this.#api.usersByIds(ids);
      for (const user of items) this.put({ ...user, ...this.#heard.get(user.id) });
    } catch {
      // Unreachable: shown without a name, and asked again when next on screen. So is who is unknown.
    } finally {
      this.#running -= 1;
      for (const id of ids) {
        this.#wanted.delete(id);
        this.#inFlight.delete(id);
        this.#heard.delete(id);
      }
      this.#work();
    }
  }
}

// Who is here, who follows what, who watches whom. Maps and nothing else.
import type { Frame } from './outbound.ts';

/** Where in which conversation a frame belongs, so that a resync can leave out what it has sent already. */
export type At = { conversationId: string; place: number };

/** A signed-in socket as the fan-out sees it. */
export interface Follower {
  readonly userId: string;
  readonly sessionId: string;
  deliver(frame: Frame, at?: At): void;
  /** Ends it with a close code, after what has been delivered. */
  end(code: number, noticeCode: string, detail: string): void;
}

export type HubUser = {
  readonly userId: string;
  readonly sockets: Set<Follower>;
  readonly follows: Set<string>;
  /** Conversations whose membership changed on the tail while the first list was being read: the list is older. */
  touched: Set<string> | null;
};

export class Hub {
  readonly #users = new Map<string, HubUser>();
  readonly #followers = new Map<string, Set<HubUser>>();
  readonly #watchers = new Map<string, Set<Follower>>();

  /** `fresh`: nobody of this person was here before, so what they follow must be read. */
  enter(socket: Follower): { user: HubUser; fresh: boolean } {
    const known = this.#users.get(socket.userId);
    if (known) {
      known.sockets.add(socket);
      return { user: known, fresh: false };
    }
    const user: HubUser = {
      userId: socket.userId,
      sockets: new Set([socket]),
      follows: new Set(),
      touched: new Set(),
    };
    this.#users.set(socket.userId, user);
    return { user, fresh: true };
  }

  leave(socket: Follower): void {
    const user = this.#users.get(socket.userId);
    if (!user?.sockets.delete(socket) || user.sockets.size > 0) return;
    for (const conversationId of user.follows) this.#unlink(user, conversationId);
    this.#users.delete(socket.userId);
  }

  user(userId: string): HubUser | undefined {
    return this.#users.get(userId);
  }

  /** From the list that was read: what the tail has changed meanwhile is newer and stays. */
  followFirst(user: HubUser, conversationIds: string[]): void {
    const { touched } = user;
    for (const id of conversationIds) if (!touched?.has(id)) this.#link(user, id);
    user.touched = null;
  }

  /** From the tail: this person has become a member at this place. */
  follow(user: HubUser, conversationId: string): void {
    user.touched?.add(conversationId);
    this.#link(user, conversationId);
  }

  unfollow(user: HubUser, conversationId: string): void {
    user.touched?.add(conversationId);
    if (user.follows.delete(conversationId)) this.#unlink(user, conversationId);
  }

  followers(conversationId: string): ReadonlySet<HubUser> | undefined {
    return this.#followers.get(conversationId);
  }

  watch(socket: Follower, former: string[], userIds: string[]): void {
    for (const userId of former) {
      const sockets = this.#watchers.get(userId);
      if (sockets?.delete(socket) && sockets.size === 0) this.#watchers.delete(userId);
    }
    for (const userId of userIds) {
      const sockets = this.#watchers.get(userId);
      if (sockets) sockets.add(socket);
      else this.#watchers.set(userId, new Set([socket]));
    }
  }

  watchers(userId: string): ReadonlySet<Follower> | undefined {
    return this.#watchers.get(userId);
  }

  *sockets(): Generator<Follower> {
    for (const user of this.#users.values()) yield* user.sockets;
  }

  counts(): { users: number; conversations: number } {
    return { users: this.#users.size, conversations: this.#followers.size };
  }

  #link(user: HubUser, conversationId: string): void {
    user.follows.add(conversationId);
    const followers = this.#followers.get(conversationId);
    if (followers) followers.add(user);
    else this.#followers.set(conversationId, new Set([user]));
  }

  #unlink(user: HubUser, conversationId: string): void {
    const followers = this.#followers.get(conversationId);
    if (followers?.delete(user) && followers.size === 0) this.#followers.delete(conversationId);
  }
}

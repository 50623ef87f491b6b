// The tail of what is short-lived: who is typing, what has reached whom, whose status changed, which device was
// signed out, who changed something of their own or of their account.
import type { LogBatch } from '../../ports/event-log/port.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import type { EventData } from '../../schemas/events.ts';
import type { ServerFrame } from '../../schemas/frames.ts';
import type { ChoicesKept, SeesReads } from '../choices.ts';
import type { Hub } from './hub.ts';
import type { LastHeard } from './last-heard.ts';
import { Frame } from './outbound.ts';

export class Signals {
  readonly #hub: Hub;
  readonly #lastHeard: LastHeard;
  readonly #seesReads: SeesReads;
  readonly #onSessionRevoked: (sessionId: string) => void;
  readonly #onAccountChanged: (userId: string) => Promise<void>;
  readonly #statusOf: ChoicesKept['statusOf'];

  constructor(options: {
    hub: Hub;
    lastHeard: LastHeard;
    seesReads: SeesReads;
    onSessionRevoked: (sessionId: string) => void;
    /** Resolves when this gateway knows what is different. */
    onAccountChanged: (userId: string) => Promise<void>;
    statusOf: ChoicesKept['statusOf'];
  }) {
    this.#hub = options.hub;
    this.#lastHeard = options.lastHeard;
    this.#seesReads = options.seesReads;
    this.#onSessionRevoked = options.onSessionRevoked;
    this.#onAccountChanged = options.onAccountChanged;
    this.#statusOf = options.statusOf;
  }

  onBatch(batch: LogBatch): void {
    for (const { value } of batch.records) {
      const decoded = decodeEvent(value);
      if (decoded.kind !== 'event') continue;
      const { event } = decoded;
      if (event.type === 'typing.started') this.#toOthers({ ...event.data, type: 'typing' });
      else if (event.type === 'delivery.noted') this.#toOthers({ ...event.data, type: 'delivered' });
      else if (event.type === 'presence.changed') {
        const { presence } = event.data;
        this.#lastHeard.note(presence);
        const { userId, status, at } = presence;
        this.#toWatchers({ type: 'user_status', userId, status, lastOnline: at });
      } else if (event.type === 'session.revoked') this.#revoked(event.subject, event.data.sessionId);
      else if (event.type === 'personal.changed') this.#personal(event.subject, event.data);
      else if (event.type === 'account.changed') void this.#account(event.subject);
      else if (event.type === 'user.changed') {
        const { id: userId, username, profilePicUrl } = event.data.user;
        this.#toWatchers({ type: 'user', userId, username, profilePicUrl });
      }
    }
  }

  /** What a member does is shown to the other members who are here. */
  #toOthers(shown: Extract<ServerFrame, { type: 'typing' | 'delivered' }>): void {
    const followers = this.#hub.followers(shown.conversationId);
    if (!followers) return;
    const frame = Frame.of(shown);
    for (const user of followers) {
      if (user.userId === shown.userId) continue;
      if (shown.type === 'delivered' && !this.#seesReads(user.userId, shown.userId)) continue;
      for (const socket of user.sockets) socket.deliver(frame);
    }
  }

  #toWatchers(shown: Extract<ServerFrame, { type: 'user_status' | 'user' }>): void {
    const watchers = this.#hub.watchers(shown.userId);
    if (!watchers) return;
    const frame = Frame.of(shown);
    for (const socket of watchers) socket.deliver(frame);
  }

  /** To the person's own devices only. */
  #personal(userId: string, change: EventData<'personal.changed'>): void {
    const user = this.#hub.user(userId);
    if (!user) return;
    const frame = Frame.of({ type: 'personal', ...change });
    for (const socket of user.sockets) socket.deliver(frame);
  }

  /** To the person's own devices, once asking gives the new; to others what they see of it. */
  async #account(userId: string): Promise<void> {
    await this.#onAccountChanged(userId);
    const { statusText = null, statusUntil = null } = this.#statusOf(userId);
    this.#toWatchers({ type: 'user', userId, statusText, statusUntil });
    const frame = Frame.of({ type: 'account' });
    for (const socket of this.#hub.user(userId)?.sockets ?? []) socket.deliver(frame);
  }

  #revoked(userId: string, sessionId: string): void {
    this.#onSessionRevoked(sessionId);
    for (const socket of this.#hub.user(userId)?.sockets ?? []) {
      if (socket.sessionId === sessionId) socket.end(4401, 'signed_out', 'This device was signed out.');
    }
  }
}

// The frames of every admitted event but a new message (that one is on the hot path, in fanout.ts).
import type { HistoryReader, ListedConversation } from '../../ports/history/port.ts';
import { maySee } from '../../producers/state.ts';
import type { MemberRow } from '../../schemas/rows.ts';
import type { Conversation } from '../../schemas/views.ts';
import type { SeesReads } from '../choices.ts';
import { readByOthers, toConversation, toMessage, toNewConversation } from '../views.ts';
import type { Hub } from './hub.ts';
import type { Hydration } from './hydration.ts';
import { Frame } from './outbound.ts';
import type { Recent } from './ring.ts';
import type { Entry } from './states.ts';

export type ShowingOptions = {
  hub: Hub;
  hydration: Hydration;
  history: Pick<HistoryReader, 'views'>;
  seesReads: SeesReads;
  /** Work that nobody waits for has failed for a reason of our own. */
  onFault: (error: unknown) => void;
};

export class Showing {
  readonly #options: ShowingOptions;

  constructor(options: ShowingOptions) {
    this.#options = options;
  }

  show(entry: Entry, recent: Recent): void {
    const { event } = recent;
    switch (event.type) {
      case 'message.sent':
        return;
      case 'message.edited':
      case 'message.deleted':
        this.#showMessage(entry, recent, event.data.message.id);
        return;
      case 'reaction.changed':
        this.#showMessage(entry, recent, event.data.reaction.messageId);
        return;
      case 'pin.changed':
        this.#showMessage(entry, recent, event.data.pin.messageId);
        return;
      case 'preview.changed':
        this.#showMessage(entry, recent, event.data.preview.messageId);
        return;
      case 'read.marked': {
        const { userId, position } = event.data.read;
        const frame = Frame.of({
          type: 'read',
          conversationId: entry.id,
          userId,
          position: String(position),
        });
        this.#toReaders(entry.id, userId, frame);
        return;
      }
      case 'conversation.created':
        this.#enter(entry, recent, event.data.members);
        return;
      case 'member.added':
        this.#enter(entry, recent, event.data.members);
        this.#showConversation(entry, recent, new Set(event.data.members.map((row) => row.userId)));
        return;
      case 'member.removed':
        this.#exit(entry.id, event.data.member.userId);
        this.#showConversation(entry, recent, new Set());
        return;
      case 'member.changed':
      case 'conversation.changed':
        this.#showConversation(entry, recent, new Set());
        return;
    }
  }

  /** New members that are here follow from this very place; what they may see of it they are shown at once. */
  #enter(entry: Entry, recent: Recent, members: MemberRow[]): void {
    const { state } = entry;
    for (const { userId, spans } of members) {
      const user = this.#options.hub.user(userId);
      if (!user || !state) continue;
      this.#options.hub.follow(user, entry.id);
      if (state.conversation.historyVisibility === 'all' || spans.length > 0) {
        this.#later(recent, () => this.#send(entry, [userId]));
        continue;
      }
      const conversation = toNewConversation(state, entry.marks, userId, this.#options.seesReads);
      const frame = Frame.of({ type: 'conversation', conversation });
      for (const socket of user.sockets) socket.deliver(frame);
    }
  }

  #exit(conversationId: string, userId: string): void {
    const user = this.#options.hub.user(userId);
    if (!user) return;
    this.#options.hub.unfollow(user, conversationId);
    const frame = Frame.of({ type: 'removed', conversationId });
    for (const socket of user.sockets) socket.deliver(frame);
  }

  #showMessage(entry: Entry, recent: Recent, messageId: string): void {
    if (!this.#options.hub.followers(entry.id)) return;
    this.#later(recent, async () => {
      const stored = await this.#options.hydration.stored(messageId);
      if (!stored) return;
      const message = toMessage(stored, false);
      const frame = Frame.of({ type: 'message', message });
      for (const user of this.#options.hub.followers(entry.id) ?? []) {
        // Who came later may not see what an older message has become.
        if (!entry.state || !maySee(entry.state, user.userId, stored.message.position)) continue;
        for (const socket of user.sockets) socket.deliver(frame);
      }
    });
  }

  #showConversation(entry: Entry, recent: Recent, except: Set<string>): void {
    const followers = this.#options.hub.followers(entry.id);
    const userIds = [...(followers ?? [])].map(({ userId }) => userId).filter((id) => !except.has(id));
    if (userIds.length > 0) this.#later(recent, () => this.#send(entry, userIds));
  }

  async #send(entry: Entry, userIds: string[]): Promise<void> {
    const views = await this.#options.history.views(entry.id, userIds);
    for (const [userId, listed] of views) {
      const user = this.#options.hub.user(userId);
      if (!user?.follows.has(entry.id)) continue;
      const frame = Frame.of({
        type: 'conversation',
        conversation: viewFor(entry, listed, userId, this.#options.seesReads),
      });
      for (const socket of user.sockets) socket.deliver(frame);
    }
  }

  /** How far somebody has read: to those who may see it. */
  #toReaders(conversationId: string, ofId: string, frame: Frame): void {
    const { hub, seesReads } = this.#options;
    for (const user of hub.followers(conversationId) ?? [])
      if (seesReads(user.userId, ofId)) for (const socket of user.sockets) socket.deliver(frame);
  }

  #later(recent: Recent, work: () => Promise<void>): void {
    const { hydration, onFault } = this.#options;
    hydration.persist(recent.partition, recent.place, work).catch(onFault);
  }
}

/** One reader's view, with read marks out of the gateway's memory (never behind history's). */
export const viewFor = (
  entry: Entry,
  listed: ListedConversation,
  readerId: string,
  sees: SeesReads,
): Conversation => {
  const own = entry.marks.get(readerId) ?? 0;
  const others = entry.state ? readByOthers(entry.state, entry.marks, readerId, sees) : 0;
  return toConversation(listed, { readerId, own, others }, sees);
};

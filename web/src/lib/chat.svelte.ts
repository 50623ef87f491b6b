// Everything live for one signed-in person: stores, socket and outbox, joined here. Frames come in, rows change.
import { SvelteSet } from 'svelte/reactivity';
import type { Api } from './api.ts';
import { Connection } from './connection.svelte.ts';
import { Conversations, peerOf } from './conversations.svelte.ts';
import { comparePositions, type Pending } from './merge.ts';
import { Outbox } from './outbox.ts';
import { People } from './people.svelte.ts';
import type { Message, ServerFrame, User } from './protocol.ts';
import { withoutBidi } from './safe-text.ts';
import { Search } from './search.svelte.ts';
import type { Session } from './session.svelte.ts';
import { Timeline } from './timeline.svelte.ts';
import { Typing } from './typing.svelte.ts';

export type ChatOptions = {
  api: Api;
  session: Session;
  me: User;
  /** What a conversation with nobody else is called. */
  yourself: () => string;
  onRefused: (code: string, detail: string) => void;
};

const busyMs = 4_000;
const timelinesMax = 12;

export class Chat {
  readonly me: User;
  readonly api: Api;
  readonly conversations: Conversations;
  readonly people: People;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly search: Search;
  readonly typing = new Typing();
  /** Unsent text by conversation; as long as the page lives. */
  readonly drafts = new Map<string, string>();
  /** Long messages that the person has unfolded; a row that is scrolled away forgets everything else. */
  readonly unfolded = new SvelteSet<string>();
  pending = $state.raw<readonly Pending[]>([]);
  isBusy = $state(false);
  /** The last message of another person that came live: for the polite live region. */
  latest = $state.raw<Message | null>(null);

  readonly #options: ChatOptions;
  readonly #timelines = new Map<string, Timeline>();
  #watched: string[] = [];
  #isWatchAnswered = false;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #busyTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChatOptions) {
    const { api, session, me } = options;
    this.#options = options;
    this.me = me;
    this.api = api;
    this.conversations = new Conversations(api, me.id);
    this.people = new People(api, me);
    this.connection = new Connection({
      url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`,
      token: (isRejected) => session.token(isRejected),
      cursor: keptCursor(me.id),
      onOpen: (isResumed) => void this.#onOpen(isResumed),
      onFrame: (frame) => this.#onFrame(frame),
      probe: () => (this.#isWatchAnswered ? { type: 'watch', userIds: this.#watched } : null),
    });
    this.outbox = new Outbox({
      userId: me.id,
      storage: localStorage,
      push: (frame) => this.connection.send(frame),
      now: Date.now,
      onChange: () => {
        this.pending = this.outbox.all();
      },
    });
    this.pending = this.outbox.all();
    this.search = new Search({
      api,
      userId: me.id,
      storage: localStorage,
      conversations: () =>
        this.conversations.sorted.map(({ id }) => ({ id, title: this.title(id, options.yourself()) })),
    });
  }

  open(): void {
    this.#options.session.onToken = (token) => this.connection.renew(token);
    this.#ticker = setInterval(() => this.outbox.flushOverdue(), 5_000);
    this.connection.open();
    // A proxy may let HTTP through and no socket: then there is at least something to read.
    setTimeout(() => {
      if (!this.conversations.isLoaded) void this.conversations.load().catch(() => undefined);
    }, 2_000);
  }

  close(): void {
    this.#options.session.onToken = null;
    clearInterval(this.#ticker);
    clearTimeout(this.#busyTimer);
    this.connection.close();
  }

  timeline(conversationId: string): Timeline {
    const timeline = this.#timelines.get(conversationId) ?? new Timeline(this.api, conversationId);
    // Most recently used last; the one that nobody has opened for longest is let go.
    this.#timelines.delete(conversationId);
    this.#timelines.set(conversationId, timeline);
    const oldest = this.#timelines.keys().next().value;
    if (this.#timelines.size > timelinesMax && oldest) this.#timelines.delete(oldest);
    return timeline;
  }

  /** Says that everything up to this message has been seen; the counts clear at once on this screen. */
  read(message: Message): void {
    const { conversationId, position } = message;
    const mine = this.conversations.get(conversationId)?.members.find(({ userId }) => userId === this.me.id);
    if (!mine || comparePositions(mine.readPosition, position) >= 0) return;
    if (!this.connection.send({ type: 'read', conversationId, messageId: message.id })) return;
    this.conversations.putRead(conversationId, this.me.id, position);
  }

  sayTyping(conversationId: string): void {
    if (this.connection.state === 'open' && this.typing.maySay(conversationId, Date.now())) {
      this.connection.send({ type: 'typing', conversationId });
    }
  }

  /** Ourselves too: the answer about us tells that somebody is there at all. */
  watch(userIds: string[]): void {
    this.#watched = [this.me.id, ...userIds];
    this.connection.send({ type: 'watch', userIds: this.#watched });
  }

  title(conversationId: string, yourself: string): string {
    const conversation = this.conversations.get(conversationId);
    if (!conversation) return '';
    const peer = peerOf(conversation, this.me.id);
    if (peer) return this.people.name(peer);
    const others = conversation.members.filter(({ userId }) => userId !== this.me.id).slice(0, 4);
    const named = conversation.name === null ? null : withoutBidi(conversation.name);
    return named ?? (others.map(({ userId }) => this.people.name(userId)).join(', ') || yourself);
  }

  async #onOpen(isResumed: boolean): Promise<void> {
    this.outbox.flush();
    const isFirst = !this.conversations.isLoaded;
    const work: Promise<unknown>[] = [];
    if (isFirst || !isResumed) work.push(this.conversations.load());
    if (!isFirst) work.push(this.people.refreshStatuses());
    for (const timeline of this.#timelines.values()) {
      work.push(isResumed ? timeline.recover() : timeline.reload());
    }
    const done = await Promise.allSettled(work);
    const hasFailed = done.some(({ status }) => status === 'rejected');
    // The socket is there but the lists are not: a moment later they probably are.
    if (hasFailed) setTimeout(() => this.connection.state === 'open' && void this.#onOpen(isResumed), 3_000);
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'message':
        return this.#onMessage(frame.message);
      case 'ack':
        // A repeated send is answered with the message as it was first: what we have may be newer.
        if (!this.#timelines.get(frame.message.conversationId)?.find(frame.message.id))
          this.#onMessage(frame.message);
        return this.outbox.settle({ ref: frame.ref });
      case 'read':
        return this.conversations.putRead(frame.conversationId, frame.userId, frame.position);
      case 'conversation':
        return this.conversations.put(frame.conversation, 'frame');
      case 'removed':
        this.#timelines.delete(frame.conversationId);
        return this.conversations.remove(frame.conversationId);
      case 'typing':
        if (frame.userId !== this.me.id) this.typing.heard(frame.conversationId, frame.userId);
        return;
      case 'user_status':
        if (frame.userId === this.me.id) this.#isWatchAnswered = true;
        return this.people.putStatus(frame.userId, frame.status, frame.lastOnline);
      case 'error':
        return this.#onError(frame.ref, frame.code, frame.detail);
      case 'personal':
        // Drafts, saved messages and own settings are asked for where they are shown.
        return;
      case 'notice':
      case 'connect':
      case 'cursor':
        // A notice is followed by a close, and the close code says what to do; the connection takes the other two.
        return;
      default:
        // A newer server may say more than we know.
        frame satisfies never;
    }
  }

  #onMessage(message: Message): void {
    const before = this.conversations.get(message.conversationId)?.lastMessage;
    const isNew = !before || comparePositions(message.position, before.position) > 0;
    this.conversations.putMessage(message);
    this.#timelines.get(message.conversationId)?.put(message);
    if (message.senderId === this.me.id) this.outbox.settle({ id: message.id });
    else if (isNew) this.latest = message;
    this.typing.stopped(message.conversationId, message.senderId);
  }

  #onError(ref: string | undefined, code: string, detail: string): void {
    const outcome = ref ? this.outbox.refuse(ref, { code, detail }) : 'unknown';
    if (outcome === 'failed') return;
    if (outcome === 'later' || code === 'overloaded' || code === 'unavailable') {
      this.isBusy = true;
      clearTimeout(this.#busyTimer);
      this.#busyTimer = setTimeout(
        () => {
          this.isBusy = false;
          this.outbox.flush();
        },
        busyMs * (0.5 + Math.random()),
      );
    } else if (code !== 'rate_limited' && code !== 'not_a_member' && code !== 'not_found') {
      this.#options.onRefused(code, detail);
    }
  }
}

/** The place in the stream, for this tab: a tab that was reloaded goes on where it was. */
const keptCursor = (userId: string) => {
  const key = `chatvui.cursor.${userId}`;
  let kept: string | null = null;
  return {
    read: () => {
      try {
        return kept ?? sessionStorage.getItem(key);
      } catch {
        return kept;
      }
    },
    write: (cursor: string) => {
      kept = cursor;
      try {
        sessionStorage.setItem(key, cursor);
      } catch {
        // Then a reload starts at the present, and the lists are loaded anyway.
      }
    },
  };
};

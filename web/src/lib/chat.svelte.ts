// Everything live for one signed-in person: stores, socket and outbox, joined here. Frames come in, rows change.
import { SvelteSet } from 'svelte/reactivity';
import type { Api } from './api.ts';
import { Connection } from './connection.svelte.ts';
import { ConversationList } from './conversation-list.svelte.ts';
import { Conversations, peerOf } from './conversations.svelte.ts';
import { Deletions } from './deletions.svelte.ts';
import { Deliveries } from './deliveries.svelte.ts';
import { Drafts, type DraftsOptions } from './drafts.svelte.ts';
import { EmojiUse } from './emoji-use.svelte.ts';
import { Media } from './media/media.svelte.ts';
import { comparePositions, type Pending } from './merge.ts';
import { Outbox } from './outbox.ts';
import { People } from './people.svelte.ts';
import { Personal } from './personal.svelte.ts';
import { Pins } from './pins.svelte.ts';
import { keepWhatIsHere, type PrefetchOptions, prefetch } from './prefetch.ts';
import type { Message, ServerFrame, User } from './protocol.ts';
import { Reading } from './reading.ts';
import { withoutBidi } from './safe-text.ts';
import { Search } from './search.svelte.ts';
import { searchHere } from './search-here.ts';
import type { Session } from './session.svelte.ts';
import { Keeper } from './store/keeper.ts';
import type { Kept, LocalStore } from './store/local-store.ts';
import { Tabs, type TabWord } from './tabs.ts';
import type { Timeline } from './timeline.svelte.ts';
import { Timelines } from './timelines.ts';
import { Typing } from './typing.svelte.ts';

export type ChatOptions = {
  api: Api;
  session: Session;
  me: User;
  /** What this browser keeps for the person; resolves to null where nothing can be kept. */
  store: Promise<LocalStore | null>;
  /** What the store held when the page was opened. */
  kept: Kept | null;
  /** What a conversation with nobody else is called. */
  yourself: () => string;
  onRefused: (code: string, detail: string) => void;
  /** What was sent in the background did not succeed. */
  onFailed: (problem: unknown) => void;
  onDraftConflict: DraftsOptions['onConflict'];
};

const busyMs = 4_000;
const deliveriesAtStartMax = 50;
const personalRetryMs = 10_000;

export class Chat {
  readonly keeper: Keeper;
  readonly api: Api;
  readonly conversations: Conversations;
  readonly people: People;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly search: Search;
  readonly typing = new Typing();
  readonly emojiUse = new EmojiUse();
  readonly deletions: Deletions;
  readonly deliveries: Deliveries;
  readonly personal: Personal;
  readonly pins: Pins;
  readonly media: Media;
  readonly reading: Reading;
  /** Whose card is shown. */
  profileOf = $state<string | null>(null);
  /** People on screen beside those of the list and the open conversation. */
  faces = $state.raw<readonly string[]>([]);
  readonly list: ConversationList;
  /** Unsent text by conversation. */
  readonly drafts: Drafts;
  /** Long messages that the person has unfolded; a row that is scrolled away forgets everything else. */
  readonly unfolded = new SvelteSet<string>();
  pending = $state.raw<readonly Pending[]>([]);
  isBusy = $state(false);
  /** On this page the person has sent something. */
  hasSent = $state(false);
  /** The last message of another person that came live: for the polite live region. */
  latest = $state.raw<Message | null>(null);

  readonly #options: ChatOptions;
  readonly #tabs: Tabs;
  readonly #timelines: Timelines;
  readonly #prefetching: PrefetchOptions;
  #cursor: string | null;
  /** What was missed is still coming: the counts that come with it are the truth. */
  #isCatchingUp = false;
  #watched: string[] = [];
  #isWatchAnswered = false;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #busyTimer: ReturnType<typeof setTimeout> | undefined;
  #personalTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChatOptions) {
    const { api, session, me, kept } = options;
    this.#options = options;
    this.api = api;
    this.#cursor = kept?.about.cursor ?? null;
    this.conversations = new Conversations(api, me.id);
    this.people = new People(api, me);
    this.personal = new Personal({ api, onProblem: options.onFailed });
    if (kept) {
      this.conversations.start(kept.conversations, kept.about.isListWhole);
      this.people.start(kept.people);
      if (kept.about.personal.rev > 0) this.personal.start(kept.about.personal);
    }
    this.reading = new Reading({
      userId: me.id,
      storage: localStorage,
      conversations: this.conversations,
      personal: this.personal,
      send: (frame) => this.connection.send(frame),
      tell: (word) => this.#tabs.say(word),
      onRead: () => this.keeper.heard(),
    });
    this.#tabs = new Tabs({
      userId: me.id,
      locks: navigator.locks,
      channel: (name) => new BroadcastChannel(name),
      onLead: () => {
        void this.keeper.lead().then(() => this.#keepWhatIsHere());
        this.outbox.takeOver();
        this.#sendFiles();
      },
      onFollow: () => this.keeper.follow(),
      onWord: (word) => this.#onWord(word),
    });
    this.keeper = new Keeper({
      store: options.store,
      kept,
      writer: crypto.randomUUID?.() ?? String(Math.random()),
      now: Date.now,
      me: () => this.me,
      conversations: () => this.conversations.sorted,
      isListWhole: () => this.conversations.isWhole,
      people: () => this.people.all,
      personal: () => this.personal.snapshot,
      cursor: () => this.#cursor,
      onResumeFrom: (cursor) => {
        this.#cursor = cursor;
        this.connection.again();
      },
      handOver: (conversationId, page) => this.#tabs.say({ say: 'page', conversationId, page }),
    });
    this.#timelines = new Timelines(api, {
      read: (...asked) => this.keeper.read(...asked),
      keep: (...page) => this.keeper.keep(...page),
      newest: (id) => this.conversations.get(id)?.lastMessage?.position ?? null,
    });
    this.pins = new Pins(api);
    this.list = new ConversationList(this.conversations, this.personal);
    this.drafts = new Drafts({
      userId: me.id,
      personal: this.personal,
      storage: localStorage,
      onConflict: options.onDraftConflict,
    });
    this.connection = new Connection({
      url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`,
      token: (isRejected) => session.token(isRejected),
      cursor: {
        read: () => this.#cursor,
        write: (cursor) => {
          this.#cursor = cursor;
          this.#isCatchingUp = false;
          this.keeper.reached(cursor);
        },
      },
      onOpen: (isResumed) => void this.#onOpen(isResumed),
      onFrame: (frame) => this.#onFrame(frame),
      probe: () => (this.#isWatchAnswered ? { type: 'watch', userIds: this.#watched } : null),
    });
    this.deletions = new Deletions({
      userId: me.id,
      storage: localStorage,
      remove: (id) => api.remove(id),
      onFailed: options.onFailed,
    });
    this.deliveries = new Deliveries(me.id, (frame) => this.connection.send(frame));
    this.media = new Media({ userId: me.id, api, outbox: () => this.outbox });
    this.outbox = new Outbox({
      userId: me.id,
      storage: localStorage,
      push: (frame) => this.#tabs.isLeading && this.connection.send(frame),
      tell: (word) => {
        this.#tabs.say(word);
        this.#tabs.needLeader();
      },
      now: Date.now,
      onChange: () => {
        this.pending = this.outbox.all();
        this.#sendFiles();
      },
      onGone: ({ files }) => this.media.uploads.release(files),
    });
    this.pending = this.outbox.all();
    this.#prefetching = {
      api,
      keeper: this.keeper,
      timelines: this.#timelines,
      conversations: () => this.conversations.sorted,
      isOpen: () => this.connection.state === 'open',
    };
    this.search = new Search({
      api,
      userId: me.id,
      storage: localStorage,
      conversations: () =>
        this.conversations.sorted.map(({ id }) => ({ id, title: this.title(id, options.yourself()) })),
      here: searchHere({
        keeper: this.keeper,
        conversations: this.conversations,
        people: this.people,
        userId: me.id,
      }),
    });
  }

  /** As the server last said, or as it was kept. */
  get me(): User {
    const { me, session } = this.#options;
    return session.user?.id === me.id ? session.user : me;
  }

  open(): void {
    this.#tabs.open();
    this.media.open();
    addEventListener('pagehide', this.#onHide);
    addEventListener('pagehide', this.#onGone);
    addEventListener('storage', this.#onStorage);
    document.addEventListener('visibilitychange', this.#onHide);
    this.#options.session.onToken = (token) => this.connection.renew(token);
    this.#ticker = setInterval(() => this.outbox.flushOverdue(), 5_000);
    this.connection.open();
    // A proxy may let HTTP through and no socket: then there is at least something to read.
    setTimeout(() => {
      if (!this.conversations.isLoaded) void this.conversations.load().catch(() => undefined);
    }, 2_000);
  }

  close(): void {
    this.deletions.flush();
    this.deliveries.close();
    this.#options.session.onToken = null;
    clearInterval(this.#ticker);
    clearTimeout(this.#busyTimer);
    removeEventListener('pagehide', this.#onHide);
    removeEventListener('pagehide', this.#onGone);
    removeEventListener('storage', this.#onStorage);
    document.removeEventListener('visibilitychange', this.#onHide);
    clearTimeout(this.#personalTimer);
    this.personal.close();
    this.drafts.close();
    this.connection.close();
    this.media.close();
    void this.keeper.flush().then(() => this.keeper.follow());
    this.#tabs.close();
  }

  timeline(conversationId: string): Timeline {
    return this.#timelines.open(conversationId);
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

  /** The conversation with this person alone, made when there is none yet. Problems are thrown. */
  async directWith(userId: string): Promise<string> {
    const known = this.conversations.sorted.find((one) => peerOf(one, this.me.id) === userId);
    if (known) return known.id;
    const made = await this.api.createConversation({ isGroup: false, memberIds: [userId] });
    this.conversations.put(made, 'page');
    return made.id;
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
    this.#isCatchingUp = isResumed;
    if (!isResumed) {
      this.keeper.missed();
      this.conversations.missed();
    }
    this.outbox.flush();
    this.media.uploads.wake();
    this.reading.flush();
    this.deliveries.flush();
    void this.#loadPersonal();
    if (!isResumed) this.pins.missed();
    const isFirst = !this.conversations.isLoaded;
    const work: Promise<unknown>[] = [];
    if (!this.conversations.isWhole) work.push(this.conversations.load());
    if (!isFirst) work.push(this.people.refreshStatuses());
    for (const [, timeline] of this.#timelines.all) {
      work.push(isResumed ? timeline.recover() : timeline.reload());
    }
    const done = await Promise.allSettled(work);
    const hasFailed = done.some(({ status }) => status === 'rejected');
    // The socket is there but the lists are not: a moment later they probably are.
    if (hasFailed) setTimeout(() => this.connection.state === 'open' && void this.#onOpen(isResumed), 3_000);
    else void prefetch(this.#prefetching);
    if (isResumed) return;
    // What came while this device was away reached it with the list.
    for (const one of this.conversations.sorted.slice(0, deliveriesAtStartMax))
      if (one.unreadCount > 0 && one.lastMessage) this.deliveries.got(one, one.lastMessage);
  }

  #keepWhatIsHere(): void {
    if (!this.keeper.isLeading) return;
    keepWhatIsHere(this.#prefetching);
    void prefetch(this.#prefetching);
  }

  /** Files of messages that wait are sent by the tab that leads, where no other one does it. */
  #sendFiles(): void {
    if (this.#tabs.isLeading) this.media.uploads.takeOver(this.pending.flatMap(({ files }) => files));
  }

  readonly #onGone = () => this.deletions.flush();
  readonly #onStorage = () => this.deletions.look();
  readonly #onHide = () => {
    if (document.visibilityState === 'hidden') void this.keeper.flush();
    else this.#tabs.needLeader();
  };

  #onWord(word: TabWord): void {
    switch (word.say) {
      case 'pending':
        if (!this.#timelines.get(word.pending.conversationId)?.find(word.pending.id))
          this.outbox.adopt(word.pending, word.order);
        return;
      case 'discarded':
        return this.outbox.settle({ ref: word.ref });
      case 'acked':
        return this.#onAck(word.ref, word.message);
      case 'read':
        return this.conversations.putRead(word.conversationId, this.me.id, word.position);
      case 'page':
        return void (this.keeper.isLeading && this.keeper.keep(word.conversationId, word.page));
      case 'signed-out':
        return this.#options.session.leave();
      default:
        return;
    }
  }

  /** Without it everything else goes on; so it is asked for beside the lists. */
  async #loadPersonal(): Promise<void> {
    clearTimeout(this.#personalTimer);
    try {
      await this.personal.load();
      this.keeper.heard();
      this.drafts.flush();
    } catch {
      if (this.connection.state === 'open')
        this.#personalTimer = setTimeout(() => void this.#loadPersonal(), personalRetryMs);
    }
  }

  #onFrame(frame: ServerFrame): void {
    this.#take(frame);
    this.keeper.heard(frame.type === 'message' ? frame.message : undefined);
  }

  /** A repeated send is answered with the message as it was first: what we have may be newer. */
  #onAck(ref: string, message: Message): void {
    if (!this.#timelines.get(message.conversationId)?.find(message.id)) this.#onMessage(message);
    this.outbox.settle({ ref });
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'message':
        return this.#onMessage(frame.message);
      case 'ack':
        this.#onAck(frame.ref, frame.message);
        this.hasSent = true;
        return this.#tabs.say({ say: 'acked', ref: frame.ref, message: frame.message });
      case 'read':
        if (frame.userId === this.me.id) this.reading.known(frame.conversationId, frame.position);
        return this.conversations.putRead(frame.conversationId, frame.userId, frame.position);
      case 'conversation':
        return this.conversations.put(frame.conversation, this.#isCatchingUp ? 'page' : 'frame');
      case 'removed':
        this.#timelines.delete(frame.conversationId);
        this.keeper.left(frame.conversationId);
        return this.conversations.remove(frame.conversationId);
      case 'delivered':
        return this.deliveries.heard(frame.conversationId, frame.userId, frame.position);
      case 'typing':
        if (frame.userId !== this.me.id) this.typing.heard(frame.conversationId, frame.userId);
        return;
      case 'user_status':
        if (frame.userId === this.me.id) this.#isWatchAnswered = true;
        return this.people.putStatus(frame.userId, frame.status, frame.lastOnline);
      case 'user':
        return this.people.putChange(frame);
      case 'error':
        return this.#onError(frame.ref, frame.code, frame.detail);
      case 'personal':
        return this.personal.heard(frame.rev);
      case 'account':
        return void this.#options.session.look();
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
    this.pins.put(message);
    if (message.senderId === this.me.id) this.outbox.settle({ id: message.id });
    else if (isNew) this.latest = message;
    this.typing.stopped(message.conversationId, message.senderId);
    this.deliveries.got(this.conversations.get(message.conversationId), message);
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

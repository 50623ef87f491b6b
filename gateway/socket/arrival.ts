// From "signed in" to "live" without a gap: the rows changed since the client's cursor, then what lies between history's
// position and the tail out of the ring of recent events. The last step has no await in it, so it needs no lock.
import { isOutsideError } from '../../ports/errors.ts';
import type { HistoryReader, StoredMessage, Visible } from '../../ports/history/port.ts';
import { visibleBefore, visibleTo } from '../../producers/state.ts';
import type { MemberRow } from '../../schemas/rows.ts';
import { encodeCursor } from '../live/cursor.ts';
import { liveLimits } from '../live/limits.ts';
import { conversationsTopic, type Live } from '../live/live.ts';
import { Frame } from '../live/outbound.ts';
import type { Recent } from '../live/ring.ts';
import { viewFor } from '../live/showing.ts';
import { newMessage, toMessage } from '../views.ts';
import { type Bridge, bridged } from './bridge.ts';
import type { Connection } from './connection.ts';
import { Turnstile } from './turnstile.ts';

type Snapshot = Awaited<ReturnType<HistoryReader['memberships']>>;

const retryMs = 200;
const giveUpMs = 15_000;

export class Arrivals {
  readonly #live: Live;
  readonly #history: HistoryReader;
  readonly #turnstile = new Turnstile(liveLimits.resyncsAtOnce);

  constructor(options: { live: Live; history: HistoryReader }) {
    this.#live = options.live;
    this.#history = options.history;
  }

  /**
   * Brings a signed-in connection (state `arriving`, already in the hub) to `live`. `cursor`: places that the client
   * has; null: it starts with the present. Ends the connection with 1012 when history does not answer in time.
   */
  async run(connection: Connection, cursor: number[] | null): Promise<void> {
    const deadline = performance.now() + giveUpMs;
    if (cursor) {
      this.#greet(connection, encodeCursor(this.#live.epoch, cursor), true);
      connection.sentUpTo = new Map();
    }
    // Beginning anew would tell twice on one socket what has been told already.
    const mayGoOn = () =>
      connection.state === 'arriving' && !connection.sentUpTo?.size && performance.now() < deadline;
    try {
      await patiently(() => this.#try(connection, cursor, deadline), mayGoOn);
    } catch (error) {
      if (!isOutsideError(error)) throw error;
      connection.end(1012, 'unavailable', 'History does not answer. Come back in a moment.');
    }
  }

  async #try(connection: Connection, cursor: number[] | null, deadline: number): Promise<void> {
    let known = cursor;
    const mayWait = () => connection.state === 'arriving' && performance.now() < deadline;
    for (;;) {
      const snapshot = await patiently(() => this.#snapshot(connection.userId), mayWait);
      if (known) {
        const since = known;
        if (!(await this.#turnstile.pass(() => this.#sendMissed(connection, snapshot, since)))) return;
      }
      for (;;) {
        if (connection.state !== 'arriving') return;
        const bridge = bridged(this.#live, connection.userId, snapshot);
        if (bridge.kind === 'too-short') break;
        if (bridge.kind === 'ready') {
          this.#finish(connection, bridge, cursor);
          return;
        }
        const load = (id: string) => this.#live.states.load(id, liveLimits.stateTimeoutMs);
        await patiently(() => Promise.all(bridge.unread.map(load)), mayWait);
      }
      // The ring no longer reaches back to this snapshot: take a newer one, and send what came between.
      if (known) {
        known = snapshot.applied.map((place, p) => Math.max(place, known?.[p] ?? 0));
        // Should history take too long: the client need not have all of this again.
        connection.answer({ type: 'cursor', cursor: encodeCursor(this.#live.epoch, known) });
      }
      await patiently(() => this.#caughtUpWithRing(snapshot), mayWait);
    }
  }

  async #snapshot(userId: string): Promise<Snapshot> {
    const snapshot = await this.#history.memberships(userId);
    for (const [partition, next] of snapshot.applied.entries())
      this.#live.freshness.advanced(conversationsTopic, partition, next);
    return snapshot;
  }

  async #caughtUpWithRing(snapshot: Snapshot): Promise<void> {
    const { ring, freshness } = this.#live;
    const wanted = snapshot.applied.map((place, p) => Math.max(place, ring.dropped(p)));
    await freshness.all(conversationsTopic, wanted);
  }

  /** Everything of each conversation that changed since the cursor, the newest conversation first. False: it is gone. */
  async #sendMissed(connection: Connection, snapshot: Snapshot, since: number[]): Promise<boolean> {
    const changed = snapshot.memberships
      .map(({ member, changed }) => ({ member, changed, from: since[this.#partition(member)] ?? 0 }))
      .filter(({ changed, from }) => changed > from)
      .sort((a, b) => b.changed - a.changed);
    for (const { member, from } of changed) {
      const asOf = snapshot.applied[this.#partition(member)] ?? 0;
      if (!(await this.#sendConversation(connection, { member, asOf }, from))) return false;
    }
    return connection.state === 'arriving';
  }

  async #sendConversation(
    connection: Connection,
    { member, asOf }: { member: MemberRow; asOf: number },
    from: number,
  ): Promise<boolean> {
    const { conversationId: id } = member;
    if (!member.active) {
      if ((member.leftPosition ?? 0) <= from) return true;
      const before = visibleTo({ historyVisibility: 'joined' }, member);
      if (!(await this.#sendMessages(connection, id, before, from))) return false;
      connection.answer({ type: 'removed', conversationId: id });
      return connection.drained();
    }
    const entry = await this.#live.states.load(id, liveLimits.stateTimeoutMs);
    const { state, partition, base } = entry;
    // Rights are known up to the newer of the two: the tail may know of a removal that the snapshot did not, and history
    // may be ahead of this tail. What comes after that, the bridge decides about.
    const seenUpTo = Math.max(base, this.#live.tailPlaces()[partition] ?? 0);
    const newest = asOf > seenUpTo ? member : state?.members.get(connection.userId);
    const conversation = state?.conversation ?? { historyVisibility: 'joined' };
    const visible = newest ? visibleBefore(Math.max(asOf, seenUpTo) + 1, conversation, newest) : [];
    const joinedSince = member.joinedPosition > from;
    if (joinedSince) await this.#sendView(connection, id);
    if (!(await this.#sendMessages(connection, id, visible, from))) return false;
    for (const mark of await this.#history.changedMarks(id, from)) {
      const { userId, position } = mark;
      if (!this.#live.seesReads(connection.userId, userId)) continue;
      connection.answer({ type: 'read', conversationId: id, userId, position: String(position) });
    }
    // After the messages: its counts are the truth whatever a client has counted itself.
    if (!joinedSince) await this.#sendView(connection, id);
    return connection.drained();
  }

  async #sendView(connection: Connection, id: string): Promise<void> {
    const listed = (await this.#history.views(id, [connection.userId])).get(connection.userId);
    const entry = this.#live.states.ready(id);
    if (!listed || !entry) return;
    connection.answer({
      type: 'conversation',
      conversation: viewFor(entry, listed, connection.userId, this.#live.seesReads),
    });
  }

  async #sendMessages(
    connection: Connection,
    conversationId: string,
    visible: Visible,
    since: number,
  ): Promise<boolean> {
    const limit = liveLimits.resyncPageSize;
    const toldUpTo = connection.sentUpTo?.get(conversationId) ?? 0;
    let after = 0;
    for (;;) {
      const page = await this.#history.changedMessages({ conversationId, visible, since, after, limit });
      for (const stored of page) if (isNews(stored, toldUpTo)) connection.tell(messageFrame(stored));
      const last = page.at(-1);
      if (last) {
        after = last.message.position;
        connection.sentUpTo?.set(conversationId, Math.max(after, toldUpTo));
      }
      if (!(await connection.drained())) return false;
      if (page.length < limit) return true;
    }
  }

  /** One turn, no await: follow, become live, take the bridge out of the ring. */
  #finish(connection: Connection, bridge: Extract<Bridge, { kind: 'ready' }>, cursor: number[] | null): void {
    const { hub } = this.#live;
    const user = hub.user(connection.userId);
    if (!user) return;
    if (user.touched) hub.followFirst(user, bridge.follows);
    connection.state = 'live';
    if (!cursor) {
      this.#greet(connection, this.#live.sentCursor(), false);
      return;
    }
    for (const recent of bridge.recents) {
      if (recent.place > (cursor[recent.partition] ?? 0)) this.#replay(connection, recent);
    }
    connection.moved = true;
  }

  #replay(connection: Connection, recent: Recent): void {
    const { event, place, partition } = recent;
    const conversationId = event.subject;
    switch (event.type) {
      case 'message.sent': {
        const message = newMessage({ ...event.data.message, position: place });
        return connection.deliver(Frame.of({ type: 'message', message }), { conversationId, place });
      }
      case 'read.marked': {
        const { userId, position } = event.data.read;
        if (!this.#live.seesReads(connection.userId, userId)) return;
        return connection.deliver(
          Frame.of({ type: 'read', conversationId, userId, position: String(position) }),
        );
      }
      case 'member.removed':
        if (event.data.member.userId === connection.userId)
          return connection.deliver(Frame.of({ type: 'removed', conversationId }));
        break;
      case 'message.edited':
      case 'message.deleted':
        return this.#replayChange(connection, recent, event.data.message.id);
      case 'reaction.changed':
        return this.#replayChange(connection, recent, event.data.reaction.messageId);
      case 'pin.changed':
        return this.#replayChange(connection, recent, event.data.pin.messageId);
      case 'preview.changed':
        return this.#replayChange(connection, recent, event.data.preview.messageId);
      default:
        break;
    }
    void this.#live.hydration.persist(partition, place, () => this.#sendView(connection, conversationId));
  }

  /** The message as history has it once it is there. */
  #replayChange(connection: Connection, { event, partition, place }: Recent, messageId: string): void {
    void this.#live.hydration.persist(partition, place, async () => {
      const stored = await this.#live.hydration.stored(messageId);
      const entry = this.#live.states.ready(event.subject);
      const member = entry?.state?.members.get(connection.userId);
      if (!stored || !entry?.state || !member) return;
      const visible = visibleTo(entry.state.conversation, member);
      const { position } = stored.message;
      if (visible === 'all' || visible.some(([from, to]) => from <= position && position < to))
        connection.deliver(messageFrame(stored));
    });
  }

  #greet(connection: Connection, cursor: string, resumed: boolean): void {
    const { userId, sessionId } = connection;
    connection.answer({ type: 'connect', userId, sessionId, cursor, resumed });
  }

  #partition(member: MemberRow): number {
    return this.#live.partitionOf(member.conversationId);
  }
}

/** Again and again while the outside is away and `mayGoOn` says so. */
const patiently = async <T>(work: () => Promise<T>, mayGoOn: () => boolean): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isOutsideError(error) || !mayGoOn()) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
};

/** A second look at history finds again what the first one had found beyond its snapshot. */
const isNews = ({ message: { position }, changed }: StoredMessage, toldUpTo: number): boolean =>
  position > toldUpTo || changed > position;

const messageFrame = (stored: StoredMessage): Frame =>
  Frame.of({ type: 'message', message: toMessage(stored, false) });

// Which messages of which conversations are kept: of each an unbroken stretch up to the newest, within bounds, and what of
// them is not on disk yet.
import { comparePositions } from '../merge.ts';
import type { Message } from '../protocol.ts';
import { bytesOf, type LocalStore, type Stretch, type Writing } from './local-store.ts';

export const keptMessages = 200;
export const keptStretches = 50;
export const keptBytesMax = 12_000_000;

/** A page of history that joins the newest messages. `before`: it lies directly before this position; null: at the end. */
export type KeptPage = { rows: readonly Message[]; isAtStart: boolean; before: string | null };

type Unwritten = Pick<Writing, 'messages' | 'stretches' | 'goneStretches'>;

export class Stretches {
  readonly #now: () => number;
  #stretches = new Map<string, Stretch>();
  #gathered = new Map<string, Message>();
  #gone = new Set<string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  has(conversationId: string): boolean {
    return this.#stretches.has(conversationId);
  }

  hasUnwritten(conversationId: string): boolean {
    for (const message of this.#gathered.values()) if (message.conversationId === conversationId) return true;
    return false;
  }

  get unwrittenCount(): number {
    return this.#gathered.size;
  }

  /** As they are on disk. */
  start(stretches: readonly Stretch[]): void {
    this.#stretches = new Map(stretches.map((one) => [one.conversationId, one]));
  }

  clear(): void {
    this.#stretches.clear();
    this.#gathered.clear();
  }

  /** Another tab writes: what this one has gathered is its business no more. */
  forgetUnwritten(): void {
    this.#gathered.clear();
    this.#gone.clear();
  }

  /** The disk was emptied: nothing has to go from it. */
  forgetGone(): void {
    this.#gone.clear();
  }

  used(conversationId: string): void {
    const known = this.#stretches.get(conversationId);
    if (known) this.#stretches.set(conversationId, { ...known, usedAt: this.#now() });
  }

  letGo(conversationId: string): void {
    this.#stretches.delete(conversationId);
    this.#gone.add(conversationId);
    for (const [id, message] of this.#gathered)
      if (message.conversationId === conversationId) this.#gathered.delete(id);
  }

  letAllGo(): void {
    for (const id of this.#stretches.keys()) this.letGo(id);
  }

  /** A message belongs to what is kept when it is not from before it. */
  heard(message: Message): void {
    const stretch = this.#stretches.get(message.conversationId);
    if (!stretch || comparePositions(message.position, stretch.first) < 0) return;
    const isNew = !this.#gathered.has(message.id) && comparePositions(message.position, stretch.last) > 0;
    this.#stretches.set(message.conversationId, {
      ...stretch,
      last: isNew ? message.position : stretch.last,
      count: stretch.count + (isNew ? 1 : 0),
      bytes: stretch.bytes + (isNew ? bytesOf(message) : 0),
    });
    this.#gathered.set(message.id, message);
  }

  /** False: it is none that is kept, or there is nothing in it. */
  join(conversationId: string, { rows, isAtStart, before }: KeptPage): boolean {
    const known = this.#stretches.get(conversationId);
    const [first] = rows;
    const last = rows.at(-1);
    if (!first || !last) {
      // Nothing has been said yet: whatever comes is the beginning.
      if (before === null && isAtStart && !known)
        this.#stretches.set(conversationId, this.#empty(conversationId));
      return false;
    }
    if (before !== null) {
      // Not next to what is kept: a hole between them would be taken for silence.
      if (!known || comparePositions(before, known.first) < 0) return false;
      if (comparePositions(first.position, known.first) >= 0) return false;
      this.#stretches.set(conversationId, { ...known, first: first.position, isAtStart });
      this.#gather(conversationId, rows);
      return true;
    }
    const joined = known && comparePositions(first.position, known.last) <= 0 ? known : null;
    if (known && !joined) this.letGo(conversationId);
    const isLonger = joined !== null && comparePositions(joined.first, first.position) < 0;
    this.#stretches.set(conversationId, {
      conversationId,
      first: isLonger ? joined.first : first.position,
      last: last.position,
      isAtStart: isLonger ? joined.isAtStart : isAtStart,
      count: joined?.count ?? 0,
      bytes: joined?.bytes ?? 0,
      usedAt: this.#now(),
    });
    this.#gather(conversationId, rows);
    return true;
  }

  /** What is to be written now; from here on it counts as written. */
  takeUnwritten(): Unwritten {
    const messages = [...this.#gathered.values()];
    const changed = new Set(messages.map(({ conversationId }) => conversationId));
    const stretches = [...this.#stretches.values()].filter(({ conversationId }) =>
      changed.has(conversationId),
    );
    const goneStretches = [...this.#gone];
    this.#gathered = new Map();
    this.#gone = new Set();
    return { messages, stretches, goneStretches };
  }

  /** It was not written after all. What came since is newer. */
  giveBack({ messages, goneStretches }: Unwritten): void {
    const later = this.#gathered;
    this.#gathered = new Map(messages.map((one) => [one.id, one]));
    for (const [id, message] of later) this.#gathered.set(id, message);
    for (const id of goneStretches) this.#gone.add(id);
  }

  /**
   * Within the bounds: the longest unused conversations are cut to their newest messages first, and then let go. True: some
   * are to go from the disk.
   */
  async shorten(store: Pick<LocalStore, 'shorten'>): Promise<boolean> {
    const oldestFirst = () => [...this.#stretches.values()].sort((a, b) => a.usedAt - b.usedAt);
    const bytes = () => oldestFirst().reduce((sum, one) => sum + one.bytes, 0);
    if (bytes() > keptBytesMax) {
      for (const stretch of oldestFirst()) {
        if (stretch.count <= keptMessages || bytes() <= keptBytesMax) continue;
        const shorter = await store.shorten(stretch, keptMessages);
        if (shorter) this.#stretches.set(stretch.conversationId, shorter);
      }
    }
    let hasLetGo = false;
    for (const { conversationId } of oldestFirst()) {
      if (this.#stretches.size <= keptStretches && bytes() <= keptBytesMax) break;
      this.letGo(conversationId);
      hasLetGo = true;
    }
    return hasLetGo;
  }

  #gather(conversationId: string, rows: readonly Message[]): void {
    for (const row of rows) this.#gathered.set(row.id, row);
    const stretch = this.#stretches.get(conversationId);
    if (stretch)
      this.#stretches.set(conversationId, {
        ...stretch,
        count: stretch.count + rows.length,
        bytes: stretch.bytes + rows.reduce((sum, row) => sum + bytesOf(row), 0),
      });
  }

  #empty(conversationId: string): Stretch {
    const usedAt = this.#now();
    return { conversationId, first: '0', last: '0', isAtStart: true, count: 0, bytes: 0, usedAt };
  }
}

// Webhooks move with what they still have to tell. The source's consumer has taken the whole log, so that what hooks are to
// be told is written down: as deliveries, or as stretches of the log (replays, and what paused hooks miss). Both are moved
// to their new places, and the target's consumer begins behind all that was copied.
//
// A stretch of a partition is none in another log: there it becomes a stretch of each conversation, exactly what it was, so
// that nothing is missed and nothing comes that lies outside.
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { LogRecord } from '../../ports/event-log/port.ts';
import type { MovedRow } from '../../ports/moving.ts';
import type { Hook, Replay, WebhookStore } from '../../ports/webhooks/port.ts';
import type { PlaceMap } from '../places/place-map.ts';
import { copyTables, type Places, placeOf } from './tables.ts';

const topic = 'chat.conversations';

/** How many events of the log, which ends there, the hooks have not been told of yet. */
export const untold = async (store: WebhookStore, ends: readonly number[]): Promise<number> => {
  const { hooks } = await store.hooks();
  if (hooks.length === 0) return 0;
  const applied = await store.applied(topic);
  return ends.reduce((sum, end, partition) => sum + Math.max(0, end - (applied[partition] ?? 0)), 0);
};

/** In which conversations each of these people has ever been, at most: those whose events name them. */
export class Named {
  readonly #conversations: ReadonlyMap<string, Set<string>>;

  constructor(userIds: Iterable<string>) {
    this.#conversations = new Map([...userIds].map((id) => [id, new Set<string>()]));
  }

  take({ topic: of, key, value }: Pick<LogRecord, 'topic' | 'key' | 'value'>): void {
    if (of !== topic) return;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    for (const [id, conversations] of this.#conversations)
      if (!conversations.has(key) && bytes.includes(id)) conversations.add(key);
  }

  conversationsOf(userId: string): string[] {
    return [...(this.#conversations.get(userId) ?? [])];
  }
}

/** Of whose conversations stretches of whole partitions will be asked. */
export const namedFor = async (store: WebhookStore): Promise<Named> => {
  const { hooks } = await store.hooks();
  const asking = new Set((await store.outstanding()).map(({ hookId }) => hookId));
  return new Named(hooks.filter(({ id }) => asking.has(id)).map(({ botId }) => botId));
};

export type WebhooksMove = {
  from: WebhookStore;
  to: WebhookStore;
  places: Places;
  named: Named;
  /** How many partitions of chat.conversations there were. */
  partitions: number;
  /** Where they end in the new log. */
  ends: readonly number[];
  epoch: string;
};

/** Answers how many rows there were. Repeated, it changes nothing. */
export const copyWebhooks = async (move: WebhooksMove): Promise<number> => {
  const { from, to, ends, epoch } = move;
  const now = new Date().toISOString();
  const rows = await copyTables(from.moving, to.moving, (row, table) => webhookRow(move, row, table, now));
  const { hooks } = await from.hooks();
  if (hooks.length === 0) return rows;
  for (const [partition, end] of ends.entries()) await begin(to, { partition, end, epoch, now });
  await to.replay(stretchesThere(move, hooks, await from.outstanding()));
  return rows;
};

const webhookRow = ({ places, ends }: WebhooksMove, row: MovedRow, table: string, now: string): MovedRow => {
  if (table === 'webhooks') return { ...row, horizon: JSON.stringify(ends) };
  // Nobody works at it there.
  if (table === 'webhook_lanes') return { ...row, due_at: now, owner: null, leased_until: now };
  if (table !== 'webhook_deliveries') return row;
  const conversationId = String(row.conversation_id);
  const position = placeOf(row, places);
  const body = bodyAt(String(row.body), position, places.get(conversationId));
  return { ...row, partition_id: partitionFor(conversationId, ends.length), position, body };
};

const bodyAt = (body: string, position: number, places: PlaceMap | undefined): string => {
  const said = JSON.parse(body) as { position: string; data: { message?: { position: string } } };
  said.position = String(position);
  const { message } = said.data;
  if (message && places) message.position = String(places.atOrAfter(Number(message.position)));
  return JSON.stringify(said);
};

/** The target's consumer has nothing to do with what was copied, also where it has run before there was anything. */
const begin = async (
  to: WebhookStore,
  { partition, end, epoch, now }: { partition: number; end: number; epoch: string; now: string },
): Promise<void> => {
  const { next, fence } = await to.claim(topic, partition, epoch, async () => end);
  if (next >= end) return;
  const { version } = await to.hooks();
  const nothing = { deliveries: [], paused: [], scrubbed: [] };
  await to.commit({ topic, partition, fence, first: next, next: end, version, now, ...nothing });
};

const stretchesThere = (
  { places, named, partitions, ends }: WebhooksMove,
  hooks: Hook[],
  stretches: Replay[],
): Replay[] => {
  const known = new Map(hooks.map((hook) => [hook.id, hook]));
  return stretches.flatMap((stretch) => {
    const hook = known.get(stretch.hookId);
    if (!hook) return [];
    const one = stretch.conversationId ?? hook.conversationId;
    const conversations = one === null ? named.conversationsOf(hook.botId) : [one];
    return conversations.flatMap((conversationId): Replay[] => {
      const place = places.get(conversationId);
      if (!place || partitionFor(conversationId, partitions) !== stretch.partition) return [];
      const [next, end] = [place.atOrAfter(stretch.next + 1) - 1, place.atOrBefore(stretch.end)];
      const partition = partitionFor(conversationId, ends.length);
      return next < end ? [{ ...stretch, partition, conversationId, next, end }] : [];
    });
  });
};

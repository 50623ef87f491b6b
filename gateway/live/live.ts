// A gateway's live part, put together: the tail, the states it keeps, the sockets it feeds, the commands it answers.

import { reasonOf } from '../../ports/errors.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog, LogBatch, Tail } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';
import type { ChoicesKept } from '../choices.ts';
import { encodeCursor } from './cursor.ts';
import { Fanout } from './fanout.ts';
import { Freshness } from './freshness.ts';
import { Hub } from './hub.ts';
import { Hydration } from './hydration.ts';
import { KnownIds } from './known-ids.ts';
import { LastHeard } from './last-heard.ts';
import { liveLimits } from './limits.ts';
import { Outbound } from './outbound.ts';
import { Pending } from './pending.ts';
import { Ring } from './ring.ts';
import { Showing } from './showing.ts';
import { Signals } from './signals.ts';
import { States } from './states.ts';

export const conversationsTopic = 'chat.conversations';
/** How many events per partition are read back at start, to notice repetitions and to bridge a lagging history. */
const warmEvents = 2_000;

export type LiveOptions = {
  log: EventLog;
  history: HistoryReader;
  logger: { warn(fields: object, message: string): void };
  /** The tail is gone or an invariant of ours is broken: the process must end. */
  onFailure: (error: Error) => void;
  onSessionRevoked: (sessionId: string) => void;
  choices: Pick<ChoicesKept, 'seesReads' | 'heard' | 'statusOf'>;
};

export type Live = Awaited<ReturnType<typeof openLive>>;

/** Resolves when the tail is positioned: from then on nothing that is appended is missed. */
export const openLive = async (options: LiveOptions) => {
  const { log, history, logger, onFailure, choices } = options;
  const { seesReads } = choices;
  const epoch = await log.epoch();
  const [description] = await log.describeTopics([conversationsTopic]);
  if (!description) throw new Error(`${conversationsTopic} is missing: ensureTopics comes first`);
  const { endOffsets, startOffsets, partitions } = description;
  const from = endOffsets.map((end, p) => Math.max(startOffsets[p] ?? 0, end - warmEvents));

  const ring = new Ring(from, { eventsMax: liveLimits.ringEventsMax, bytesMax: liveLimits.ringBytesMax });
  const hub = new Hub();
  const outbound = new Outbound();
  const freshness = new Freshness({ history, timeoutMs: liveLimits.freshTimeoutMs });
  const knownIds = new KnownIds({ history, recentMax: liveLimits.recentIdsMax });
  const pending = new Pending({ max: liveLimits.pendingMax, timeoutMs: liveLimits.echoTimeoutMs });
  const hydration = new Hydration({ history, freshness, topic: conversationsTopic });
  const onFault = (error: unknown) => onFailure(error instanceof Error ? error : new Error(String(error)));
  const showing = new Showing({ hub, hydration, history, seesReads, onFault });
  const fanout = new Fanout({
    ring,
    hub,
    knownIds,
    pending,
    showing,
    warmUntil: endOffsets,
    onUnreadable: (where) => logger.warn({ where }, 'an event that cannot be read was not shown'),
  });
  const partitionOf = (conversationId: string) => partitionFor(conversationId, partitions);
  const states = new States({
    history,
    ring,
    freshness,
    topic: conversationsTopic,
    partitionOf,
    isFollowed: (id) => hub.followers(id) !== undefined,
    take: (entry, recent, show) => fanout.take(entry, recent, show),
    settled: (entry, recent) => fanout.settled(entry, recent),
    overflow: (id) => {
      for (const user of hub.followers(id) ?? [])
        for (const socket of user.sockets)
          socket.end(1012, 'behind', 'History is behind. Come back in a moment.');
    },
    max: liveLimits.statesMax,
    heldMax: liveLimits.heldEventsMax,
  });
  fanout.connect(states);
  const lastHeard = new LastHeard(liveLimits.presenceHeardMax);
  const signals = new Signals({
    statusOf: (userId) => choices.statusOf(userId),
    hub,
    lastHeard,
    seesReads,
    onSessionRevoked: options.onSessionRevoked,
    onAccountChanged: (userId) =>
      choices.heard(userId).catch((error) => {
        logger.warn({ reason: reasonOf(error) }, 'a change of an account is heard of later');
      }),
  });

  const onBatch = (batch: LogBatch): void => {
    if (batch.topic === conversationsTopic) fanout.onBatch(batch);
    else signals.onBatch(batch);
  };
  const tail: Tail = await log.tail({
    topics: [
      { name: conversationsTopic, from: { ...from } },
      { name: 'chat.users', from: 'end' },
      { name: 'chat.presence', from: 'end' },
      { name: 'chat.signals', from: 'end' },
    ],
    onBatch,
    onFailure,
  });
  void knownIds.load((reason) =>
    logger.warn({ reason }, 'known message ids could not be read, trying again'),
  );

  let draining = false;
  const secondly = setInterval(() => pending.expire(performance.now()), 1_000);

  /** Places up to which everything has been handed to the sockets: the tail, less what still waits for history. */
  const sentPlaces = (): number[] => {
    const places = [...fanout.places()];
    const hold = ({ partition, place }: { partition: number; place: number }) => {
      places[partition] = Math.min(places[partition] ?? 0, place - 1);
    };
    for (const held of states.heldPlaces()) hold(held);
    for (const open of hydration.openPlaces()) hold(open);
    return places;
  };

  return {
    hub,
    states,
    pending,
    hydration,
    freshness,
    knownIds,
    lastHeard,
    outbound,
    ring,
    seesReads,
    epoch,
    partitions,
    partitionOf,
    /** Place of the last event taken from the tail, per partition of chat.conversations. */
    tailPlaces: () => fanout.places(),
    /**
     * Resolves when history has every event about these people that this gateway has seen, or about everybody (bounded).
     * A partition of chat.users that stands still is not waited for by those who ask about people of others.
     */
    async peopleApplied(ids?: string[]): Promise<void> {
      const places = tail.positions('chat.users');
      const theirs = ids && new Set(ids.map((id) => partitionFor(id, places.length)));
      const wanted = theirs ? places.map((place, p) => (theirs.has(p) ? place : 0)) : places;
      await freshness.all('chat.users', wanted);
    },
    sentPlaces,
    sentCursor: () => encodeCursor(epoch, sentPlaces()),
    /** How long the log has not been heard. */
    silentMs: () => performance.now() - tail.lastHeardMs(),
    /** Null when commands can be taken; else why not. */
    closedFor(): Refusal | null {
      if (draining) return refuse('unavailable', 'This server is restarting. Connect again.');
      if (performance.now() - tail.lastHeardMs() > liveLimits.deafAfterMs)
        return refuse(
          'unavailable',
          'The event log does not answer. Nothing was written. Try again in a moment.',
        );
      return pending.full
        ? refuse('overloaded', 'Too many messages are on their way. Try again in a moment.')
        : null;
    },
    drain() {
      draining = true;
    },
    draining: () => draining,
    async close() {
      draining = true;
      clearInterval(secondly);
      pending.close();
      states.close();
      hydration.close();
      knownIds.close();
      freshness.close();
      await tail.close();
    },
  };
};

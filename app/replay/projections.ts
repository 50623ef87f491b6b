// The projections that can be made anew: where each comes from, and how its copy is written.
import { analyticsProjection } from '../../consumers/analytics/projection.ts';
import { analyticsTopics } from '../../consumers/analytics/start.ts';
import { History } from '../../consumers/history/history.ts';
import { PresenceProjection } from '../../consumers/presence/projection.ts';
import type { Projection } from '../../consumers/projection.ts';
import { searchProjection } from '../../consumers/search/projection.ts';
import type { Copyable, ProjectionCopy } from '../../ports/copy.ts';
import type { Claim } from '../../ports/history/port.ts';
import type { TopicName } from '../../schemas/topics.ts';
import type { Stores } from '../adapters.ts';

export const replayNames = ['history', 'presence', 'search', 'analytics'] as const;
export type ReplayName = (typeof replayNames)[number];

export const isReplayName = (name: string): name is ReplayName => replayNames.includes(name as ReplayName);

export type Begun = { copy: ProjectionCopy<unknown>; projection: Projection };

export type Replayable = {
  name: ReplayName;
  topics: TopicName[];
  /** Of the live one. */
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  applied(topic: string): Promise<number[]>;
  beside: Copyable<unknown>['beside'];
  dropOld: Copyable<unknown>['dropOld'];
  /** The copy that was begun or a new one, and the projection that writes it. `epoch`: of the log that is read. */
  begin(epoch: string): Promise<Begun>;
};

type Live<W> = {
  name: ReplayName;
  topics: TopicName[];
  store: Copyable<W>;
  writer: Pick<Replayable, 'claim'>;
  applied(topic: string): Promise<number[]>;
  projection(writer: W, epoch: string): Projection;
};

const replayable = <W>({ name, topics, store, writer, applied, projection }: Live<W>): Replayable => ({
  name,
  topics,
  claim: (topic, partition, epoch) => writer.claim(topic, partition, epoch),
  applied,
  beside: () => store.beside(),
  dropOld: () => store.dropOld(),
  begin: async (epoch) => {
    const copy = await store.copy();
    return { copy, projection: projection(copy.writer, epoch) };
  },
});

/** Null: there is no such projection here. */
export const replayableOf = (name: ReplayName, { history, search, analytics }: Stores): Replayable | null => {
  const applied = (topic: string) => history.reader.applied(topic);
  switch (name) {
    case 'history':
      return replayable({
        name,
        topics: ['chat.users', 'chat.conversations'],
        store: history,
        writer: history.writer,
        applied,
        projection: (writer, epoch) => new History({ writer, epoch }),
      });
    case 'presence':
      return replayable({
        name,
        topics: ['chat.presence'],
        store: history.presence,
        writer: history.presence,
        applied,
        // The view has no second one: it is compared with the rows, and mended.
        projection: (store, epoch) =>
          new PresenceProjection({ store, epoch, view: { project: async () => undefined } }),
      });
    case 'search':
      return (
        search &&
        replayable({
          name,
          topics: ['chat.conversations'],
          store: search,
          writer: search.writer,
          applied: (topic) => search.reader.applied(topic),
          // What counted, the live history says.
          projection: (writer, epoch) => searchProjection({ writer, epoch, history: history.reader }),
        })
      );
    case 'analytics':
      return replayable({
        name,
        topics: [...analyticsTopics],
        store: analytics,
        writer: analytics.writer,
        applied: (topic) => analytics.reader.applied(topic),
        projection: (writer, epoch) => analyticsProjection({ writer, epoch, history: history.reader }),
      });
  }
};

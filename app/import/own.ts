// Brings our own export in: the events of conversations as they were, under their ids, at new places. What the log has
// already is passed over, so that the installation where it comes from is left as it is.
import { partitionFor } from '../../ports/event-log/partition.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { Adapters } from '../adapters.ts';
import { PlaceMap } from '../places/place-map.ts';
import { greatestPlaceIn, translate } from '../places/translate.ts';
import { type Known, knownOf, partitionsOf } from './known.ts';
import { isOfConversation, type OwnSurvey, ownEvents, surveyOwn } from './own-file.ts';
import { ensurePlaceholders, type Stranger } from './people.ts';

const topic = 'chat.conversations';
const batchSize = 500;

export type OwnImport = {
  adapters: Pick<Adapters, 'accounts' | 'log' | 'topics'>;
  file: string;
  /** Accounts here by id or name there. */
  map: ReadonlyMap<string, string>;
  progress: (step: string, done: number, total: number) => void;
};

export const importOwn = async ({ adapters, file, map, progress }: OwnImport) => {
  const found = await surveyOwn(file, (events) => progress('reading', events, events));
  const renamed = renamedPeople(found, map);
  const strangers = [...found.people].flatMap(([id, row]): Stranger[] => {
    if (renamed.has(id)) return [];
    return [row ? { ...row, name: row.username } : { id, name: `person-${id.slice(0, 8)}` }];
  });
  await ensurePlaceholders(adapters, strangers, (done, total) => progress('people', done, total));
  const known = await knownOf(adapters, found.conversationIds, (done, total) =>
    progress('looking', done, total),
  );
  const writer = new OwnWriter(adapters, known, renamed);
  let done = 0;
  for await (const { event, place } of ownEvents(file)) {
    done += 1;
    if (done % batchSize === 0) progress('events', done, found.events);
    if (isOfConversation(event)) await writer.take(event, place);
  }
  await writer.flush();
  progress('events', found.events, found.events);
  return { found, written: writer.written };
};

const renamedPeople = ({ people }: OwnSurvey, map: ReadonlyMap<string, string>): Map<string, string> => {
  const renamed = new Map<string, string>();
  for (const [id, row] of people) {
    const ours = map.get(id) ?? (row ? map.get(row.username) : undefined);
    if (ours && ours !== id) renamed.set(id, ours);
  }
  return renamed;
};

/** Of one conversation: its places here, and those there that are known already. */
type Course = { places: PlaceMap; settled: number; lastTo: number };

class OwnWriter {
  readonly #log: Adapters['log'];
  readonly #partitions: number;
  readonly #known: Known;
  readonly #renamed: ReadonlyMap<string, string>;
  readonly #courses = new Map<string, Course>();
  #queue: { event: ConversationEvent; course: Course; place: number }[] = [];
  written = 0;

  constructor(
    adapters: Pick<Adapters, 'log' | 'topics'>,
    known: Known,
    renamed: ReadonlyMap<string, string>,
  ) {
    this.#log = adapters.log;
    this.#partitions = partitionsOf(adapters);
    this.#known = known;
    this.#renamed = renamed;
  }

  async take(event: ConversationEvent, place: number): Promise<void> {
    const course = this.#courses.get(event.subject) ?? { places: new PlaceMap(), settled: 0, lastTo: 0 };
    this.#courses.set(event.subject, course);
    const here = this.#known.takeOccurrence(event.id);
    if (here !== null) {
      await this.#settle(course, place, here);
      return;
    }
    // What it names must have its place here before it can be said here.
    if (greatestPlaceIn(event) > course.settled) await this.flush();
    this.#queue.push({ event, course, place });
    if (this.#queue.length >= batchSize) await this.flush();
  }

  async flush(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    if (queue.length === 0) return;
    const records = queue.map(({ event, course }) => ({
      partition: partitionFor(event.subject, this.#partitions),
      key: event.subject,
      value: encodeEvent(this.#ours(translate(event, course.places))),
    }));
    const offsets = await this.#log.append(topic, records);
    for (const [i, { course, place }] of queue.entries())
      this.#place(course, place, (offsets[i] as number) + 1);
    this.written += queue.length;
  }

  async #settle(course: Course, there: number, here: number): Promise<void> {
    if (this.#queue.some((queued) => queued.course === course)) await this.flush();
    this.#place(course, there, here);
  }

  /** What stands here in another order (a history that went two ways) keeps the order of here. */
  #place(course: Course, there: number, here: number): void {
    if (there <= course.settled) return;
    course.settled = there;
    if (here <= course.lastTo) return;
    course.lastTo = here;
    course.places.add(there, here);
  }

  /** With people who are somebody else here. */
  #ours(event: ConversationEvent | ReturnType<typeof translate>): ConversationEvent {
    return (this.#renamed.size === 0 ? event : withPeople(event, this.#renamed)) as ConversationEvent;
  }
}

const spoken = new Set(['content', 'name', 'source']);

/** Every field that is such an id; never what somebody wrote. */
const withPeople = (value: unknown, renamed: ReadonlyMap<string, string>): unknown => {
  if (typeof value === 'string') return renamed.get(value) ?? value;
  if (Array.isArray(value)) return value.map((one) => withPeople(one, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, spoken.has(name) ? one : withPeople(one, renamed)]),
  );
};

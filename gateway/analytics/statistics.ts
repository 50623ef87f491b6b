// Statistics for people: who may see which, over what stretch of time, on whose clock; every bucket of it, also those in
// which nothing happened.
import type { AnalyticsReader, Statistics as Found, StatisticsRequest } from '../../ports/analytics/port.ts';
import { quarterMs } from '../../ports/analytics/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { isMember, visibleTo } from '../../producers/state.ts';
import type { StatisticsQuery } from '../../schemas/http.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import { responseWithin } from '../../schemas/response-times.ts';
import type { Statistics, StatisticsSums } from '../../schemas/views.ts';
import { knownThrough } from '../live/through.ts';
import { knownZone, spanOf } from '../search/dates.ts';
import type { Submit } from '../submit.ts';
import { beginOfDay, beginOfHour, clockOf, dayAt } from './clock.ts';

export type StatisticsOptions = {
  analytics: AnalyticsReader;
  history: Pick<HistoryReader, 'heads'>;
  submit: Submit;
};

const daysMax = 400;
const hoursMax = 31 * 24;
const quartersPerHour = 4;
const quartersPerDay = 96;
const defaultDays = 30;
const defaultHours = 48;
const topMax = 10;
/** A day after 1970 began, so that no clock shows a time before. */
const earliest = quartersPerDay * 2;

const notFound = refuse('not_found', 'There is no such conversation, or you are not a member.');

export class StatisticsOf {
  readonly #options: StatisticsOptions;

  constructor(options: StatisticsOptions) {
    this.#options = options;
  }

  /** For members: of what they may see of it. */
  async conversation(
    readerId: string,
    conversationId: string,
    query: StatisticsQuery,
  ): Promise<Statistics | Refusal> {
    const { state } = await this.#options.submit.entry(conversationId);
    const member = state?.members.get(readerId);
    if (!state || !member || !isMember(state, readerId)) return notFound;
    const visible = visibleTo(state.conversation, member);
    return this.#answer({ conversationId, visible }, query);
  }

  /** Of everything here; whoever asks is an instance admin. */
  async instance(query: StatisticsQuery): Promise<Statistics | Refusal> {
    return this.#answer(null, query);
  }

  async #answer(scope: StatisticsRequest['scope'], query: StatisticsQuery): Promise<Statistics | Refusal> {
    const request = requestOf(scope, query);
    if (isRefusal(request)) return request;
    const found = await this.#options.analytics.statistics(request);
    const heads = await this.#options.history.heads(
      found.conversations.map(({ conversationId }) => conversationId),
    );
    const { live } = this.#options.submit;
    return {
      ...viewOf(found, request),
      timeZone: knownZone(query.timeZone ?? 'UTC') ?? 'UTC',
      conversations: found.conversations.map(({ conversationId: id, messages }) => {
        const head = heads.find((row) => row.id === id);
        return { id, name: head?.name ?? null, isGroup: head?.isGroup ?? false, messages };
      }),
      countedThrough: knownThrough(live, found.applied['chat.conversations'] ?? []),
    };
  }
}

/** What was asked, in quarters; or what is wrong with it. */
export const requestOf = (
  scope: StatisticsRequest['scope'],
  { from, to, granularity = 'day', timeZone = 'UTC' }: StatisticsQuery,
  now = Date.now(),
): StatisticsRequest | Refusal => {
  const zone = knownZone(timeZone);
  if (!zone) return refuse('invalid_input', 'There is no such time zone.');
  const [begin, end] = [from, to].map((typed) =>
    typed === undefined ? undefined : spanOf(typed, zone, now),
  );
  if (begin === null || end === null) return refuse('invalid_input', 'There is no such day.');
  const until = end ? Math.ceil(Date.parse(end.from) / quarterMs) : Math.floor(now / quarterMs) + 1;
  const since = begin
    ? Math.floor(Date.parse(begin.from) / quarterMs)
    : beginBefore(until, granularity, zone);
  if (since < earliest || until <= since)
    return refuse('invalid_input', '`from` must come before `to`, and not before 1970-01-03.');
  const most = granularity === 'day' ? daysMax * quartersPerDay : hoursMax * quartersPerHour;
  if (until - since > most)
    return refuse(
      'invalid_input',
      `At most ${daysMax} days can be asked for at once, by the hour ${hoursMax / 24}.`,
    );
  return { scope, from: since, to: until, clock: clockOf(zone, since, until), granularity, topMax };
};

/** Whole days or hours that end with the present one. */
const beginBefore = (until: number, granularity: 'hour' | 'day', zone: string): number => {
  if (granularity === 'hour') return Math.max(earliest, until - defaultHours * quartersPerHour);
  const clock = clockOf(zone, until - (defaultDays + 2) * quartersPerDay, until);
  return beginOfDay(clock, dayAt(clock, until - 1) - defaultDays + 1);
};

const iso = (quarter: number): string => new Date(quarter * quarterMs).toISOString();

/** Everything but names and how fresh it is. */
export const viewOf = (
  found: Found,
  request: StatisticsRequest,
): Omit<Statistics, 'timeZone' | 'conversations' | 'countedThrough'> => {
  const known = new Map(found.series.map((bucket) => [bucket.bucket, bucket]));
  const empty = { messages: 0, reactions: 0, activePeople: 0, newPeople: 0, responses: new Map() };
  return {
    from: iso(request.from),
    to: iso(request.to),
    granularity: request.granularity,
    totals: sumsOf(found.totals),
    series: bucketsOf(request).map(({ bucket, at }) => ({
      at: iso(at),
      ...sumsOf(known.get(bucket) ?? empty),
    })),
    hoursOfWeek: found.hoursOfWeek,
    people: found.people,
  };
};

const sumsOf = ({
  messages,
  reactions,
  activePeople,
  newPeople,
  responses,
}: Found['totals']): StatisticsSums => ({
  messages,
  reactions,
  activePeople,
  newPeople,
  responses: [...responses.values()].reduce((sum, count) => sum + count, 0),
  medianResponseMs: responseWithin(responses, 0.5),
  p90ResponseMs: responseWithin(responses, 0.9),
});

/** All buckets of the stretch, by their number and the moment at which each begins, the first one within it. */
const bucketsOf = ({ from, to, clock, granularity }: StatisticsRequest): { bucket: number; at: number }[] => {
  const buckets: { bucket: number; at: number }[] = [];
  if (granularity === 'day') {
    for (let day = dayAt(clock, from); day <= dayAt(clock, to - 1); day += 1)
      buckets.push({ bucket: day, at: Math.max(from, beginOfDay(clock, day)) });
    return buckets;
  }
  for (let quarter = from; quarter < to; ) {
    const bucket = beginOfHour(clock, quarter);
    buckets.push({ bucket, at: quarter });
    quarter = Math.max(quarter + 1, bucket + quartersPerHour);
  }
  return buckets;
};

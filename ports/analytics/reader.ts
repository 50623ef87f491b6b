// The reading side: counts the facts of a stretch of time, on the clock of whoever asks. All answers of one request are of
// one moment.
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { type Database, snapshot } from '../sql/database.ts';
import { appliedIn } from '../sql/positions.ts';
import type { AnalyticsReader, ResponseSteps, Statistics, StatisticsRequest } from './port.ts';
import type { AnalyticsTables } from './tables.ts';

type Trx = Transaction<AnalyticsTables>;
type Sql = RawBuilder<unknown>;

const quartersPerHour = 4;
const quartersPerDay = 96;
const hoursPerWeek = 168;
/** 1970-01-01 was a Thursday. */
const hoursFromMonday = 3 * 24;
/** Of somebody who left and came back very often, the latest stays: a statement has an end. */
const spansMax = 200;

export const analyticsReader = (db: Database<AnalyticsTables>): AnalyticsReader => ({
  applied: (topic) => appliedOf(db.read, topic),
  statistics: (request) => snapshot(db, (trx) => statisticsIn(trx, request)),
});

const appliedOf = (db: Kysely<AnalyticsTables>, topic: string): Promise<number[]> =>
  appliedIn<AnalyticsTables>(db, 'analytics_positions', topic);

const statisticsIn = async (trx: Trx, request: StatisticsRequest): Promise<Statistics> => {
  const { scope } = request;
  const bucket = bucketOf(request);
  const acts = actsIn(request);
  const newcomers = newcomersIn(request);
  const [totals] = await rowsOf<SumRow>(trx, sql`SELECT ${sums} FROM (${acts}) a`);
  const series = await rowsOf<SumRow & { bucket: number }>(
    trx,
    sql`SELECT ${bucket} AS bucket, ${sums} FROM (${acts}) a GROUP BY bucket`,
  );
  const joined = await rowsOf<{ bucket: number; people: number }>(
    trx,
    sql`SELECT ${bucket} AS bucket, COUNT(*) AS people FROM (${newcomers}) n GROUP BY bucket`,
  );
  const answers = await rowsOf<{ bucket: number; step: number; responses: number }>(
    trx,
    sql`SELECT ${bucket} AS bucket, response_step AS step, COUNT(*) AS responses
      FROM ${sql.table('analytics_messages')}
      WHERE ${messagesIn(request)} AND response_step IS NOT NULL GROUP BY bucket, step`,
  );
  const found = together(series, joined, answers, request.granularity === 'day' ? quartersPerDay : 1);
  return {
    series: found,
    totals: { ...sumsOf(totals), ...wholeOf(found) },
    hoursOfWeek: await hoursOfWeek(trx, request),
    people: (await top(trx, request, 'sender_id')).map(([userId, messages]) => ({ userId, messages })),
    conversations: scope
      ? []
      : (await top(trx, request, 'conversation_id')).map(([conversationId, messages]) => ({
          conversationId,
          messages,
        })),
    applied: {
      'chat.users': await appliedOf(trx, 'chat.users'),
      'chat.conversations': await appliedOf(trx, 'chat.conversations'),
    },
  };
};

type SumRow = { messages: number | null; reactions: number | null; people: number };
const sums = sql`SUM(said) AS messages, SUM(reacted) AS reactions, COUNT(DISTINCT user_id) AS people`;

const rowsOf = async <R>(trx: Trx, query: Sql): Promise<R[]> => (await query.execute(trx)).rows as R[];

/** MySQL answers sums as text; of nothing there is no sum. */
const sumsOf = (row: SumRow | undefined) => ({
  messages: Number(row?.messages ?? 0),
  reactions: Number(row?.reactions ?? 0),
  activePeople: Number(row?.people ?? 0),
});

/** Local time of a row, in quarters. */
const localQuarter = ({ clock }: StatisticsRequest): Sql => {
  const [first, ...later] = clock;
  if (!first) throw new Error('a clock has at least one shift');
  // The latest shift that has happened by then.
  const cases = later.reverse().map(({ from, ahead }) => sql`WHEN quarter >= ${from} THEN ${ahead}`);
  const ahead = later.length === 0 ? sql`${first.ahead}` : caseOf(cases, first.ahead);
  return sql`(quarter + ${ahead})`;
};
const caseOf = (cases: Sql[], otherwise: number): Sql =>
  sql`CASE ${sql.join(cases, sql` `)} ELSE ${otherwise} END`;

/** In whole numbers and by remainders only, which both databases know; quarters here are positive. */
const bucketOf = (request: StatisticsRequest): Sql => {
  const local = localQuarter(request);
  return request.granularity === 'day'
    ? sql`(${local} - ${local} % ${sql.lit(quartersPerDay)})`
    : sql`(quarter - ${local} % ${sql.lit(quartersPerHour)})`;
};

const during = ({ from, to, scope }: StatisticsRequest): Sql => {
  const time = sql`quarter >= ${from} AND quarter < ${to}`;
  if (!scope) return time;
  const mine = sql`conversation_id = ${scope.conversationId} AND ${time}`;
  if (scope.visible === 'all') return mine;
  const spans = scope.visible
    .filter(([first, end]) => first < end)
    .slice(-spansMax)
    .map(([first, end]) => sql`(position >= ${first} AND position < ${end})`);
  return sql`${mine} AND (${spans.length === 0 ? sql`1 = 0` : sql.join(spans, sql` OR `)})`;
};
const messagesIn = (request: StatisticsRequest): Sql => sql`${during(request)} AND deleted = 0`;

/** Everything by which somebody is active. */
const actsIn = (request: StatisticsRequest): Sql => sql`
  SELECT quarter, sender_id AS user_id, 1 AS said, 0 AS reacted
  FROM ${sql.table('analytics_messages')} WHERE ${messagesIn(request)}
  UNION ALL SELECT quarter, user_id, 0 AS said, 1 AS reacted
  FROM ${sql.table('analytics_reactions')} WHERE ${during(request)} AND active = 1`;

/** Into a conversation, or into this installation. */
const newcomersIn = (request: StatisticsRequest): Sql =>
  request.scope
    ? sql`SELECT quarter FROM ${sql.table('analytics_members')} WHERE ${during(request)}`
    : sql`SELECT quarter FROM ${sql.table('analytics_people')} WHERE ${during(request)} AND placeholder = 0`;

const hoursOfWeek = async (trx: Trx, request: StatisticsRequest): Promise<number[]> => {
  const ofWeek = sql`${localQuarter(request)} % ${sql.lit(hoursPerWeek * quartersPerHour)}`;
  const rows = await rowsOf<{ hour: number; messages: number }>(
    trx,
    sql`SELECT (${ofWeek} - ${ofWeek} % ${sql.lit(quartersPerHour)}) AS hour, COUNT(*) AS messages
      FROM ${sql.table('analytics_messages')} WHERE ${messagesIn(request)} GROUP BY hour`,
  );
  const hours = Array.from({ length: hoursPerWeek }, () => 0);
  for (const { hour, messages } of rows)
    hours[(Number(hour) / quartersPerHour + hoursFromMonday) % hoursPerWeek] = Number(messages);
  return hours;
};

const top = async (
  trx: Trx,
  request: StatisticsRequest,
  column: 'sender_id' | 'conversation_id',
): Promise<[string, number][]> => {
  const rows = await rowsOf<{ whose: string; messages: number }>(
    trx,
    sql`SELECT ${sql.ref(column)} AS whose, COUNT(*) AS messages FROM ${sql.table('analytics_messages')}
      WHERE ${messagesIn(request)} GROUP BY whose ORDER BY messages DESC, whose LIMIT ${request.topMax}`,
  );
  return rows.map(({ whose, messages }) => [whose, Number(messages)]);
};

type Bucket = Statistics['series'][number];

const together = (
  series: (SumRow & { bucket: number })[],
  joined: { bucket: number; people: number }[],
  answers: { bucket: number; step: number; responses: number }[],
  quarters: number,
): Bucket[] => {
  const buckets = new Map<number, Bucket>();
  const at = (key: number): Bucket => {
    const bucket = Number(key) / quarters;
    const known = buckets.get(bucket) ?? {
      bucket,
      ...sumsOf(undefined),
      newPeople: 0,
      responses: new Map(),
    };
    buckets.set(bucket, known);
    return known;
  };
  for (const row of series) Object.assign(at(row.bucket), sumsOf(row));
  for (const { bucket, people } of joined) at(bucket).newPeople = Number(people);
  for (const { bucket, step, responses } of answers) at(bucket).responses.set(step, Number(responses));
  return [...buckets.values()].sort((a, b) => a.bucket - b.bucket);
};

const wholeOf = (series: Bucket[]): { newPeople: number; responses: ResponseSteps } => {
  const responses: ResponseSteps = new Map();
  for (const bucket of series)
    for (const [step, count] of bucket.responses) responses.set(step, (responses.get(step) ?? 0) + count);
  return { newPeople: series.reduce((sum, bucket) => sum + bucket.newPeople, 0), responses };
};

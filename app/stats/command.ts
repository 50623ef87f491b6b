// `chatvui stats`: how much is said, at the terminal. It only reads what analytics has counted, so it may run beside a
// server.

import { requestOf, viewOf } from '../../gateway/analytics/statistics.ts';
import type { AnalyticsReader, StatisticsRequest } from '../../ports/analytics/port.ts';
import { quarterMs } from '../../ports/analytics/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import { openAnalytics, openHistory } from '../adapters.ts';
import { idOf, timeOf, UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { harmless, lineWriter, painter } from '../terminal.ts';
import { bar, duration, sparkline, week } from './bars.ts';

export type StatsOptions = {
  conversation?: string;
  since?: string;
  until?: string;
  timeZone?: string;
  json?: boolean;
};

type View = ReturnType<typeof viewOf>;
type Named = { name: string; messages: number };

const barWidth = 30;
const lineWidth = 72;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const byHourBelowDays = 3;

export const statsCommand = async (config: Config, options: StatsOptions): Promise<void> => {
  try {
    const [analytics, history] = [await openAnalytics(config), await openHistory(config)];
    try {
      await show(analytics.reader, history.reader, options);
    } finally {
      await analytics.close();
      await history.close();
    }
  } catch (error) {
    console.error(reasonOf(error));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};

const show = async (analytics: AnalyticsReader, history: HistoryReader, options: StatsOptions) => {
  const request = askedFor(options);
  const found = await analytics.statistics(request);
  const view = viewOf(found, request);
  const users = await history.users(found.people.map(({ userId }) => userId));
  const heads = await history.heads(found.conversations.map(({ conversationId }) => conversationId));
  const people = found.people.map(({ userId, messages }) => ({
    id: userId,
    name: users.find(({ id }) => id === userId)?.username ?? userId,
    messages,
  }));
  const conversations = found.conversations.map(({ conversationId, messages }) => ({
    id: conversationId,
    name: heads.find(({ id }) => id === conversationId)?.name ?? conversationId,
    messages,
  }));
  if (options.json) {
    console.log(JSON.stringify({ ...view, timeZone: zoneOf(options), people, conversations }, null, 2));
    return;
  }
  const write = lineWriter(process.stdout);
  const coloured = process.stdout.isTTY && !process.env.NO_COLOR;
  for (const line of linesOf(view, { people, conversations }, zoneOf(options), coloured)) await write(line);
};

const zoneOf = ({ timeZone }: StatsOptions): string =>
  timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

const askedFor = (options: StatsOptions): StatisticsRequest => {
  const { conversation, since, until } = options;
  const sinceMs = timeOf('--since', since ?? '30d') as number;
  const untilMs = timeOf('--until', until);
  const isShort = (untilMs ?? Date.now()) - sinceMs < byHourBelowDays * 86_400_000;
  const conversationId = conversation === undefined ? null : idOf('--conversation', conversation);
  const scope = conversationId === null ? null : { conversationId, visible: 'all' as const };
  const request = requestOf(scope, {
    from: new Date(Math.floor(sinceMs / quarterMs) * quarterMs).toISOString(),
    ...(untilMs === null ? {} : { to: new Date(untilMs).toISOString() }),
    granularity: isShort ? 'hour' : 'day',
    timeZone: zoneOf(options),
  });
  if (isRefusal(request)) throw new UsageError(request.detail);
  return request;
};

function* linesOf(
  { totals, series, hoursOfWeek, from, to, granularity }: View,
  { people, conversations }: { people: Named[]; conversations: Named[] },
  zone: string,
  coloured: boolean,
): Generator<string> {
  const paint = painter(coloured);
  const minute = (time: string) => `${time.slice(0, 16)}Z`;
  yield paint('dim', `${minute(from)} – ${minute(to)}, days and hours in ${zone}`);
  yield '';
  for (const [name, value] of [
    ['messages', totals.messages],
    ['active people', totals.activePeople],
    ['new people', totals.newPeople],
    ['reactions', totals.reactions],
    ['answers', totals.responses],
  ] as const)
    yield `${name.padEnd(16)}${paint('bold', value.toLocaleString('en-US'))}`;
  yield `${'time to answer'.padEnd(16)}${paint('bold', duration(totals.medianResponseMs))} (nine of ten: ${duration(totals.p90ResponseMs)})`;
  yield '';
  yield paint('dim', `messages by the ${granularity}`);
  yield paint(
    'cyan',
    sparkline(
      series.map(({ messages }) => messages),
      lineWidth,
    ),
  );
  yield '';
  yield paint('dim', 'busiest hours');
  for (const [day, line] of week(hoursOfWeek).entries()) yield `${weekdays[day]} ${paint('cyan', line)}`;
  yield paint('dim', `    ${[0, 6, 12, 18].map((hour) => String(hour).padEnd(12)).join('')}`);
  yield* ranking('most active people', people, paint);
  yield* ranking('busiest conversations', conversations, paint);
}

function* ranking(title: string, lines: Named[], paint: ReturnType<typeof painter>): Generator<string> {
  if (lines.length === 0) return;
  yield '';
  yield paint('dim', title);
  const most = lines[0]?.messages ?? 1;
  for (const { name, messages } of lines) {
    const shown = harmless(name).slice(0, 36).padEnd(37);
    yield `${shown}${messages.toLocaleString('en-US').padStart(9)} ${paint('cyan', bar(messages, most, barWidth))}`;
  }
}

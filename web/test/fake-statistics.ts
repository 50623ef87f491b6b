// Statistics of the fake gateway: made up, the same every time, over as many days or hours as were asked for.
import type { Statistics, StatisticsSums } from '../../schemas/views.ts';
import type { Room } from './fake-chat.ts';

const sums = (n: number): StatisticsSums => ({
  messages: n,
  reactions: Math.floor(n / 3),
  activePeople: Math.min(2, n),
  newPeople: n % 5 === 4 ? 1 : 0,
  responses: Math.floor(n / 2),
  medianResponseMs: n > 1 ? 90_000 + n * 10_000 : null,
  p90ResponseMs: n > 1 ? 7_200_000 : null,
});

export const statisticsOf = (query: URLSearchParams, room: Room): Statistics => {
  const granularity = query.get('granularity') === 'hour' ? 'hour' : 'day';
  const stepMs = granularity === 'hour' ? 3_600_000 : 86_400_000;
  const from = Date.parse(query.get('from') ?? '');
  const now = Date.parse(query.get('to') ?? '') || Date.now();
  const series = Array.from({ length: Math.ceil((now - from) / stepMs) }, (_, n) => ({
    at: new Date(from + n * stepMs).toISOString(),
    ...sums(Math.round(20 + 18 * Math.sin(n / 2)) % 40),
  }));
  const messages = series.reduce((sum, day) => sum + day.messages, 0);
  const weight = (hour: number) => (hour % 24 > 7 && hour % 24 < 22 ? (hour * 7) % 23 : 0);
  return {
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    granularity,
    timeZone: query.get('timeZone') ?? 'UTC',
    totals: { ...sums(messages), medianResponseMs: 240_000 },
    series,
    hoursOfWeek: Array.from({ length: 168 }, (_, hour) => weight(hour)),
    people: [...room.members.keys()].map((userId, n) => ({ userId, messages: 120 - n * 50 })),
    conversations: [],
    countedThrough: new Date(now).toISOString(),
  };
};

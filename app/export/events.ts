// An export as JSON lines: what it is, the events as they are in the log with their places, and a last line by which a
// file that was cut short or changed is noticed.
import { createHash } from 'node:crypto';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import type { LogRecord } from '../../ports/event-log/port.ts';
import { decodeEvent } from '../../schemas/codec.ts';
import { jsonLine } from '../cat/line.ts';
import { type Stretch, scan, stretchesOf } from '../log-scan.ts';
import { peopleIn } from '../people-in.ts';
import { type Between, isBetween, isOf, mayBelong, type Scope } from './scope.ts';

export const exportVersion = 1;

type Progress = (step: string, done: number, total: number) => void;
const shownEvery = 1_000;

export type EventsExport = {
  log: LogLook;
  scope: Scope;
  between: Between;
  /** Lines beside the events: of a person what is not in the log. */
  facts: object[];
  now: string;
  write: (text: string) => Promise<void>;
  progress: Progress;
};

export type Written = { events: number; sha256: string };

export const writeEvents = async (wanted: EventsExport): Promise<Written> => {
  const { log, scope, facts, write } = wanted;
  const hash = createHash('sha256');
  const types: Record<string, number> = {};
  let events = 0;
  const line = async (text: string) => {
    hash.update(text).update('\n');
    await write(`${text}\n`);
  };
  const stretches = await stretchesOf(log, topicsOf(scope));
  await line(JSON.stringify(await headOf(wanted, stretches)));
  for (const fact of facts) await line(JSON.stringify(fact));
  for await (const { record, type } of recordsOf(wanted, stretches)) {
    await line(jsonLine({ record, decoded: decodeEvent(record.value) }));
    types[type] = (types[type] ?? 0) + 1;
    events += 1;
  }
  const sha256 = hash.digest('hex');
  await write(`${JSON.stringify({ chatvui: 'end', events, types, sha256 })}\n`);
  return { events, sha256 };
};

/** A conversation comes first, because it tells which people come along. Typing and the like is kept for minutes only. */
const topicsOf = ({ kind }: Scope): string[] => {
  if (kind === 'conversation') return ['chat.conversations', 'chat.users'];
  return ['chat.users', 'chat.conversations', 'chat.presence', 'chat.notifications'];
};

const headOf = async ({ log, scope, between, now }: EventsExport, stretches: Stretch[]) => {
  const ends: Record<string, number[]> = {};
  for (const { topic, to } of stretches) ends[topic] = [...(ends[topic] ?? []), to];
  const time = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);
  return {
    chatvui: 'export',
    version: exportVersion,
    epoch: await log.epoch(),
    scope,
    since: time(between.sinceMs),
    until: time(between.untilMs),
    exportedAt: now,
    ends,
  };
};

async function* recordsOf(
  { log, scope, between, progress }: EventsExport,
  stretches: Stretch[],
): AsyncGenerator<{ record: LogRecord; type: string }> {
  const people = new Set<string>();
  const total = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  let looked = 0;
  for await (const record of scan(log, stretches, 'partition')) {
    looked += 1;
    if (looked % shownEvery === 0) progress('events', looked, total);
    if (!mayBelong(scope, record)) continue;
    if (scope.kind === 'conversation' && record.topic === 'chat.users' && !people.has(record.key)) continue;
    const decoded = decodeEvent(record.value);
    if (decoded.kind !== 'event') {
      // What this version cannot read belongs to everything, and to nothing smaller.
      if (scope.kind === 'all')
        yield { record, type: decoded.kind === 'poison' ? 'unreadable' : decoded.type };
      continue;
    }
    const { event } = decoded;
    if (!isBetween(between, event)) continue;
    if (scope.kind === 'user' && !isOf(scope.id, event)) continue;
    if (scope.kind === 'conversation') for (const id of peopleIn(event)) people.add(id);
    yield { record, type: event.type };
  }
  progress('events', total, total);
}

// The shared view of who is here (Redis) against the rows that the log makes: it has no second one to change places with, so
// what differs is put right piece by piece.
import { setTimeout } from 'node:timers/promises';
import type { Difference } from '../../ports/copy.ts';
import type { KeptPresenceRow, PresenceHistory } from '../../ports/history/port.ts';
import type { KeptPresence, Presence } from '../../ports/presence/port.ts';

/** Events on their way are in the view a moment before they are in the rows. */
const roundPauseMs = 100;
/** What is the same difference so many times is no matter of being late. */
const roundsUnchanged = 4;
const roundsMax = 30;
const mendingsMax = 3;
const pageRows = 500;

export const viewName = 'the view in Redis';

export type ViewCheck = { people: number; differences: Difference[]; mended: number };
type Right = Pick<PresenceHistory, 'rows'>;
type View = Pick<Presence, 'kept' | 'restore'>;

/** `level`: brings the rows to where the live projection is. */
export const verifyView = async (
  { view, rows, level }: { view: View; rows: Right; level: () => Promise<void> },
  repair: boolean,
): Promise<ViewCheck> => {
  const { people, suspects } = await everybody(view, rows);
  const certain = (some: Difference[]) => lasting(some, view, rows, level);
  const differences = await certain(suspects);
  let left = differences;
  for (let pass = 0; repair && left.length > 0 && pass < mendingsMax; pass += 1) {
    await mend(idsOf(left), view, rows);
    left = await certain(left);
  }
  return { people, differences, mended: differences.length - left.length };
};

const idsOf = (differences: Difference[]): string[] => differences.map(({ key: [id] }) => id as string);

const everybody = async (view: View, rows: Right): Promise<{ people: number; suspects: Difference[] }> => {
  const seen = new Set<string>();
  const suspects: Difference[] = [];
  for await (const page of view.kept()) {
    for (const { userId } of page) seen.add(userId);
    suspects.push(...(await differencesOf(page, rows)));
  }
  let people = 0;
  for (let after = ''; ; ) {
    const page = await rows.rows({ after, limit: pageRows });
    people += page.length;
    for (const { userId } of page) if (!seen.has(userId)) suspects.push(difference(userId, 'missing'));
    const last = page.at(-1);
    if (!last || page.length < pageRows) return { people, suspects };
    after = last.userId;
  }
};

/** Those that stay when what is late has come. */
const lasting = async (
  suspects: Difference[],
  view: View,
  rows: Right,
  level: () => Promise<void>,
): Promise<Difference[]> => {
  let left = suspects;
  let unchanged = 0;
  for (let round = 0; round < roundsMax && left.length > 0 && unchanged < roundsUnchanged; round += 1) {
    await level();
    const now: Difference[] = [];
    for await (const page of view.kept(idsOf(left))) now.push(...(await differencesOf(page, rows)));
    unchanged = now.length === left.length ? unchanged + 1 : 0;
    left = now;
    if (left.length > 0) await setTimeout(roundPauseMs);
  }
  return left;
};

const mend = async (userIds: string[], view: View, rows: Right): Promise<void> => {
  for await (const page of view.kept(userIds)) {
    const right = await rightOf(page, rows);
    await view.restore(
      page.map(({ userId, seen }) => {
        const row = right.get(userId);
        if (!row) return { userId, seen, right: null };
        const { status, at, position } = row;
        return { userId, seen, right: { row: { userId, status, at }, position } };
      }),
    );
  }
};

const rightOf = async (page: KeptPresence[], rows: Right): Promise<Map<string, KeptPresenceRow>> => {
  const found = await rows.rows({ userIds: page.map(({ userId }) => userId) });
  return new Map(found.map((row) => [row.userId, row]));
};

const differencesOf = async (page: KeptPresence[], rows: Right): Promise<Difference[]> => {
  const right = await rightOf(page, rows);
  return page.flatMap((kept) => {
    const row = right.get(kept.userId);
    if (!row) return kept.seen === null && !kept.active ? [] : [difference(kept.userId, 'extra')];
    if (!kept.row) return [difference(kept.userId, kept.seen === null ? 'missing' : 'different', ['row'])];
    const columns: string[] = [];
    if (kept.row.userId !== row.userId) columns.push('userId');
    if (kept.row.status !== row.status) columns.push('status');
    if (kept.row.at !== row.at) columns.push('at');
    if (kept.position !== row.position) columns.push('position');
    if (kept.active !== (row.status !== 'offline')) columns.push('active');
    return columns.length === 0 ? [] : [difference(kept.userId, 'different', columns)];
  });
};

const difference = (userId: string, kind: Difference['kind'], columns: string[] = []): Difference => ({
  table: viewName,
  key: [userId],
  kind,
  columns: kind === 'different' ? columns : [],
});

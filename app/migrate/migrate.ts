// Moves an installation: the log with its places translated, then the accounts, then a look whether all came. Views are
// not moved: the product makes them from the log when it starts.
import { setTimeout } from 'node:timers/promises';
import type { AccountStore } from '../../ports/accounts/port.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { NotificationStore } from '../../ports/notifications/port.ts';
import type { WebhookStore } from '../../ports/webhooks/port.ts';
import { scan, stretchesOf } from '../log-scan.ts';
import { Fingerprint } from '../places/fingerprint.ts';
import { LogCopy } from './copy.ts';
import { copyMedia, type MediaSide } from './media.ts';
import { endsOf, keepMigration, type Migration, migrationIn, withRound } from './state.ts';
import { accountRow, copyTables, notificationRow } from './tables.ts';
import { copyWebhooks, type Named, namedFor, untold } from './webhooks.ts';

/** Not `chat.signals`: typing and the like, kept for minutes and never projected. */
export const movedTopics = ['chat.users', 'chat.conversations', 'chat.presence', 'chat.notifications'];

export type Side = {
  log: EventLog;
  accounts: AccountStore;
  notifications: NotificationStore;
  webhooks: WebhookStore;
  media: MediaSide;
};
export type MigrateOptions = {
  source: Side;
  target: Side;
  /** The target's history has rows. */
  hasHistory: boolean;
  /** How long the source is watched for somebody who writes; nobody can when the data folder is ours. */
  watchMs: number;
  progress: (step: string, done: number, total: number) => void;
};
export type Migrated = { events: number; rows: number; files: number; digest: string; epoch: string };

const shownEvery = 1_000;

const refused = (text: string): OutsideError => new OutsideError('not_migrated', 'never', text);

export const migrate = async (options: MigrateOptions): Promise<Migrated> => {
  const { source, target, watchMs } = options;
  const before = await stretchesOf(source.log, movedTopics);
  if (watchMs > 0) {
    await setTimeout(watchMs);
    await assertQuiet(options, before);
  }
  const known = await begun(options);
  const migration = withRound(known, before);
  if (known.hasRows && migration !== known)
    throw refused(
      'The source was used after its accounts had begun to move, so those in the target are old. Empty the target and begin again.',
    );
  const here = before.filter(({ topic }) => topic === 'chat.conversations').map(({ to }) => to);
  await assertTold(source.webhooks, here);
  await keepMigration(target.accounts, migration);
  const named = await namedFor(source.webhooks);
  const { print, places } = await copyLog(options, migration, named);
  await assertQuiet(options, before);
  await assertEqual(options, print);
  await keepMigration(target.accounts, { ...migration, hasRows: true });
  const hooks = {
    from: source.webhooks,
    to: target.webhooks,
    places,
    named,
    partitions: here.length,
    ends: await target.log.endOffsets('chat.conversations'),
    epoch: await target.log.epoch(),
  };
  const rows =
    (await copyTables(source.accounts.moving, target.accounts.moving, accountRow(places))) +
    (await copyTables(source.notifications.moving, target.notifications.moving, notificationRow(places))) +
    (await copyWebhooks(hooks));
  const files = await copyMedia(source.media, target.media, (done) => options.progress('files', done, done));
  await keepMigration(target.accounts, { ...migration, hasRows: true, done: true });
  return { events: print.events, rows, files, digest: print.digest, epoch: hooks.epoch };
};

/** A new one into an empty target, or the one that was killed. */
const begun = async ({ source, target, hasHistory }: MigrateOptions): Promise<Migration> => {
  const from = await source.log.epoch();
  const known = await migrationIn(target.accounts);
  if (known?.done)
    throw refused(
      'This migration is finished: start the product on the target. To do it again, empty the target.',
    );
  if (known && known.from !== from)
    throw refused(
      `A migration from another log (epoch ${known.from}) was begun in the target. Empty the target first.`,
    );
  if (known) return known;
  const ends = await endsOf(target.log, movedTopics);
  const full = [...ends].filter(([, offsets]) => offsets.some((end) => end > 0)).map(([topic]) => topic);
  if ((await target.accounts.moving.count('accounts')) > 0) full.push('accounts');
  if (hasHistory) full.push('history');
  const { moving } = target.webhooks;
  if ((await moving.count('webhooks')) + (await moving.count('incoming_hooks')) > 0) full.push('webhooks');
  if (full.length > 0)
    throw refused(
      `The target is not empty (${full.join(', ')}). Use another data folder, or other topics and another database, or delete what is there.`,
    );
  return { from, rounds: [], hasRows: false, done: false };
};

const copyLog = async (
  { source, target, progress }: MigrateOptions,
  { rounds }: Migration,
  named: Named,
): Promise<{ print: Fingerprint; places: LogCopy['places'] }> => {
  const copy = new LogCopy(target.log, await endsOf(target.log, movedTopics));
  const print = new Fingerprint();
  const total = rounds.flat().reduce((sum, { from, to }) => sum + to - from, 0);
  for (const round of rounds) {
    for await (const record of scan(source.log, round, 'partition')) {
      await copy.take(record);
      print.take(record);
      named.take(record);
      if (print.events % shownEvery === 0) progress('copy', print.events, total);
    }
  }
  await copy.finish();
  progress('copy', total, total);
  return { print, places: copy.places };
};

const assertQuiet = async ({ source }: MigrateOptions, before: Awaited<ReturnType<typeof stretchesOf>>) => {
  const now = await stretchesOf(source.log, movedTopics);
  const moved = now.filter(({ to }, i) => to !== before[i]?.to).map(({ topic }) => topic);
  if (moved.length === 0) return;
  throw refused(
    `Somebody still writes into the source (${[...new Set(moved)].join(', ')}). Stop every gateway and consumer, then give this command again: it goes on where it was.`,
  );
};

/** What a hook has not been told of must be in its queue: the target reads nothing of what was copied. */
const assertTold = async (webhooks: WebhookStore, ends: number[]): Promise<void> => {
  const events = await untold(webhooks, ends);
  if (events === 0) return;
  throw refused(
    `Outgoing webhooks of the source have not been told of its last ${events} events. Start the source (on real servers also \`chatvui consume webhooks\`), wait until the operations page shows webhooks without lag, stop it, then give this command again.`,
  );
};

/** Read back from the target: every event of every key, in its order, naming the places that it named. */
const assertEqual = async ({ target, progress }: MigrateOptions, source: Fingerprint): Promise<void> => {
  const print = new Fingerprint();
  for await (const record of scan(target.log, await stretchesOf(target.log, movedTopics), 'partition')) {
    print.take(record);
    if (print.events % shownEvery === 0) progress('verify', print.events, source.events);
  }
  progress('verify', source.events, source.events);
  if (print.digest === source.digest) return;
  const differences = source.differences(print);
  throw refused(
    `The copy is not equal (source here, target there). Empty the target and begin again.\n${differences.slice(0, 20).join('\n')}`,
  );
};

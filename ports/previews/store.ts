// The reading of links over any database of ports/sql.
import { createHash } from 'node:crypto';
import { OutsideError } from '../errors.ts';
import { type Database, ping, runAll, transaction } from '../sql/database.ts';
import { appliedIn, Positions } from '../sql/positions.ts';
import { jobsMax, type KnownPage, type PreviewStore } from './port.ts';
import { type PreviewTables, positionsName } from './tables.ts';

const jobColumns = ['id', 'message_id', 'url', 'made_ms', 'due_ms', 'tries'] as const;
const hashOf = (url: string): string => createHash('sha256').update(url).digest('hex');

export const previewStore = (db: Database<PreviewTables>): PreviewStore => {
  const { dialect, read, write } = db;
  const positions = new Positions<PreviewTables>(
    db,
    positionsName,
    () => new OutsideError('previews_other_log', 'later', 'Claimed under another log meanwhile.'),
  );

  return {
    claim: async (topic, partition, epoch) => {
      await transaction(db, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('preview_positions')
          .set(({ eb }) => ({ epoch, next_offset: 0, fence: eb('fence', '+', 1) }))
          .where('epoch', '!=', epoch)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n) await trx.deleteFrom('preview_jobs').execute();
      });
      return positions.claim(topic, partition, epoch);
    },

    commit: (batch) =>
      transaction(db, async (trx) => {
        if (!(await positions.advance(trx, batch)) || batch.jobs.length === 0) return;
        const { waiting } = await trx
          .selectFrom('preview_jobs')
          .select(({ fn }) => fn.countAll<number>().as('waiting'))
          .executeTakeFirstOrThrow();
        const rows = batch.jobs
          .slice(0, Math.max(0, jobsMax - Number(waiting)))
          .map(({ id, messageId, url, madeMs, tries }) => [id, messageId, url, madeMs, madeMs, tries]);
        await runAll(trx, dialect.insertNew({ table: 'preview_jobs', columns: jobColumns, rows }));
      }),

    applied: (topic) => appliedIn(read, positionsName, topic),

    take: async ({ nowMs, leaseMs, limit }) => {
      const found = await write
        .selectFrom('preview_jobs')
        .selectAll()
        .where('due_ms', '<=', nowMs)
        .orderBy('due_ms')
        .orderBy('id')
        .limit(limit)
        .execute();
      const taken = [];
      for (const { id, message_id, url, made_ms, due_ms, tries } of found) {
        // Whoever moves it first has it.
        const { numUpdatedRows } = await write
          .updateTable('preview_jobs')
          .set({ due_ms: nowMs + leaseMs })
          .where('id', '=', id)
          .where('due_ms', '=', due_ms)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows > 0n)
          taken.push({ id, messageId: message_id, url, madeMs: Number(made_ms), tries: Number(tries) });
      }
      return taken;
    },

    done: async (id) => {
      await write.deleteFrom('preview_jobs').where('id', '=', id).execute();
    },

    postpone: async (id, { dueMs, tries }) => {
      await write.updateTable('preview_jobs').set({ due_ms: dueMs, tries }).where('id', '=', id).execute();
    },

    page: async (url, nowMs) => {
      const kept = await read
        .selectFrom('preview_pages')
        .select('page')
        .where('url_hash', '=', hashOf(url))
        .where('until_ms', '>', nowMs)
        .executeTakeFirst();
      return kept && (JSON.parse(kept.page) as KnownPage);
    },

    keepPage: (url, page, untilMs) =>
      transaction(db, (trx) =>
        runAll(
          trx,
          dialect.upsert({
            table: 'preview_pages',
            columns: ['url_hash', 'page', 'until_ms'],
            newerBy: 'until_ms',
            set: ['page', 'until_ms'],
            rows: [[hashOf(url), JSON.stringify(page), untilMs]],
          }),
        ),
      ),

    sweep: async ({ nowMs, madeBeforeMs }) => {
      await write.deleteFrom('preview_pages').where('until_ms', '<=', nowMs).execute();
      await write.deleteFrom('preview_jobs').where('made_ms', '<', madeBeforeMs).execute();
    },

    ping: () => ping(db),
    close: () => db.close(),
  };
};

// The tables of the reading of links.
import type { Migration } from '../sql/migrate.ts';
import { type PositionTable, positionTable } from '../sql/positions.ts';

export const positionsName = 'preview_positions';

export type PreviewTables = {
  preview_positions: PositionTable;
  preview_jobs: {
    id: string;
    message_id: string;
    url: string;
    made_ms: number;
    /** Of a job that somebody works at: the end of their lease. */
    due_ms: number;
    tries: number;
  };
  preview_pages: {
    /** SHA-256 in hex: the address itself is too long for a key. */
    url_hash: string;
    page: string;
    until_ms: number;
  };
};

export const previewMigrations: Migration[] = [
  {
    name: 'previews-001',
    statements: (t) => [
      ...t.create({
        table: 'preview_jobs',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, message_id ${t.id} NOT NULL, url ${t.text} NOT NULL,
          made_ms ${t.integer} NOT NULL, due_ms ${t.integer} NOT NULL, tries ${t.integer} NOT NULL`,
        indexes: { preview_jobs_by_due: 'due_ms' },
      }),
      ...t.create({
        table: 'preview_pages',
        columns: `url_hash ${t.word(64)} NOT NULL PRIMARY KEY, page ${t.text} NOT NULL, until_ms ${t.integer} NOT NULL`,
        indexes: { preview_pages_by_end: 'until_ms' },
      }),
      ...t.create(positionTable(t, positionsName)),
    ],
  },
];

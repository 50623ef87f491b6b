// What is known of files: they are no projection of the log, since they come before any message names them. What shows
// them is one, and is kept beside them.
import type { Migration } from '../sql/migrate.ts';
import { type PositionTable, positionTable } from '../sql/positions.ts';

export type MediaTable = {
  id: string;
  owner_id: string;
  name: string;
  state: string;
  upload: string | null;
  room: number;
  created_at: string;
  touched_at: string;
  /** 0: nothing has shown it yet. 1: something does. 2: nothing does any more. */
  shown: number;
  content_type: string | null;
  size: number | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  placeholder: string | null;
  has_variants: number;
};

export type MediaTables = {
  media: MediaTable;
  /** Bytes of a person, and of everybody under the name `instance`. */
  media_room: { holder: string; bytes: number };
  media_uses: { media_id: string; source: string; rev: number; active: number };
  media_positions: PositionTable;
};

export const mediaMigrations: Migration[] = [
  {
    name: 'media-001',
    statements: (t) => [
      ...t.create({
        table: 'media',
        columns: `id ${t.id} NOT NULL PRIMARY KEY, owner_id ${t.id} NOT NULL, name ${t.word(255)} NOT NULL,
          state ${t.word(16)} NOT NULL, upload ${t.text}, room ${t.integer} NOT NULL, created_at ${t.time} NOT NULL,
          touched_at ${t.time} NOT NULL, shown ${t.flag} NOT NULL, content_type ${t.word(127)}, size ${t.integer},
          sha256 ${t.word(64)}, width ${t.integer}, height ${t.integer}, duration_ms ${t.integer},
          placeholder ${t.word(64)}, has_variants ${t.flag} NOT NULL`,
        indexes: { media_of_owner: 'owner_id, id', media_by_state: 'state, shown, touched_at' },
      }),
      ...t.create({
        table: 'media_room',
        columns: `holder ${t.word(40)} NOT NULL PRIMARY KEY, bytes ${t.integer} NOT NULL`,
      }),
      ...t.create({
        table: 'media_uses',
        columns: `media_id ${t.id} NOT NULL, source ${t.word(60)} NOT NULL, rev ${t.integer} NOT NULL,
          active ${t.flag} NOT NULL`,
        clusteredBy: 'source, media_id',
        indexes: { uses_of_media: 'media_id, active' },
      }),
      ...t.create(positionTable(t, 'media_positions')),
    ],
  },
];

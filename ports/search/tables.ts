// The tables of the embedded index, and of a second one beside it.
import type { Migration } from '../sql/migrate.ts';

export type SearchTables = {
  /** `place` is the row's id here and among the words: newest last. `removed`: nothing is left of it but its rev. */
  documents: {
    place: number;
    id: string;
    rev: number;
    conversation_id: string;
    position: number;
    removed: number;
  };
  search_positions: {
    topic: string;
    partition_id: number;
    epoch: string;
    next_offset: number;
    fence: number;
  };
};

/** Parts words where we put spaces, and nowhere else. */
const onlySpacesPart = `unicode61 remove_diacritics 0 categories ''L* M* N* P* S* Cf Cn Co Cs''`;

/** What takes a place of its own in the file; the rest only looks into it. */
export const keptTables = ['documents', 'words'] as const;
export const searchTables = [...keptTables, 'vocabulary', 'instances', 'search_positions'] as const;

const firstTables = (suffix: string): string[] => [
  `CREATE TABLE documents${suffix} (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL,
    conversation_id TEXT NOT NULL, position INTEGER NOT NULL, removed INTEGER NOT NULL)`,
  `CREATE VIRTUAL TABLE words${suffix} USING fts5(exact, folded, facets, content='', contentless_delete=1,
    tokenize='${onlySpacesPart}')`,
  // Which words there are, for those that are mistyped.
  `CREATE VIRTUAL TABLE vocabulary${suffix} USING fts5vocab(words${suffix}, 'col')`,
  `CREATE TABLE search_positions${suffix} (topic TEXT NOT NULL, partition_id INTEGER NOT NULL, epoch TEXT NOT NULL,
    next_offset INTEGER NOT NULL, fence INTEGER NOT NULL, PRIMARY KEY (topic, partition_id)) WITHOUT ROWID`,
];
// Every word of every message where it stands, for comparing.
const laterTables = (suffix: string): string[] => [
  `CREATE VIRTUAL TABLE instances${suffix} USING fts5vocab(words${suffix}, 'instance')`,
];

export const searchMigrations: Migration[] = [
  { name: 'search-001', statements: () => firstTables('') },
  { name: 'search-002', statements: () => laterTables('') },
];
export const tablesBeside = (suffix: string): string[] => [...firstTables(suffix), ...laterTables(suffix)];

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { searchContract } from './contract.ts';
import { copyContract, type Damage, type FreshSearch } from './contract-copy.ts';
import type { SearchIndex } from './port.ts';
import { openSqliteSearch } from './sqlite.ts';
import { facetsOf } from './sqlite-facets.ts';
import { firstPlaceOf } from './sqlite-writer.ts';
import { wordsOf } from './words.ts';

const folder = mkdtempSync(join(tmpdir(), 'chatvui-search-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const damageIn = (dir: string): Damage & { close(): void } => {
  const db = openSqlite(join(dir, 'search.db'), { synchronous: 'NORMAL' });
  const placeOf = (id: string): number =>
    (db.prepare('SELECT place FROM documents WHERE id = ?').get(id) as { place: number }).place;
  const say = (place: number, content: string, facets: string): void => {
    const { exact, folded } = wordsOf(content);
    db.prepare('DELETE FROM words WHERE rowid = ?').run(place);
    db.prepare('INSERT INTO words (rowid, exact, folded, facets) VALUES (?, ?, ?, ?)').run(
      place,
      exact,
      folded,
      facets,
    );
  };
  return {
    forget: async (id) => {
      db.prepare('DELETE FROM words WHERE rowid = ?').run(placeOf(id));
      db.prepare('DELETE FROM documents WHERE id = ?').run(id);
    },
    invent: async (document) => {
      const { id, rev, conversationId, position } = document;
      const place = firstPlaceOf(document.at) + 700;
      const row = [place + position, id, rev, conversationId, position];
      db.prepare('INSERT INTO documents VALUES (?, ?, ?, ?, ?, 0)').run(...row);
      say(place + position, document.content, facetsOf(document));
    },
    words: async (id, content) => say(placeOf(id), content, 'c0'),
    facts: async (id, conversationId) => {
      db.prepare('UPDATE documents SET conversation_id = ? WHERE id = ?').run(conversationId, id);
    },
    rev: async (id, rev) => {
      db.prepare('UPDATE documents SET rev = ? WHERE id = ?').run(rev, id);
    },
    close: () => db.close(),
  };
};

describe('Search by FTS5', () => {
  searchContract(() => openSqliteSearch({ dir: folder }));

  copyContract(async (): Promise<FreshSearch> => {
    const dir = mkdtempSync(join(folder, 'copy-'));
    const opened: SearchIndex[] = [];
    const elsewhere = async (): Promise<SearchIndex> => {
      const index = await openSqliteSearch({ dir });
      opened.push(index);
      return index;
    };
    const index = await elsewhere();
    const damage = damageIn(dir);
    const close = async (): Promise<void> => {
      damage.close();
      for (const each of opened) await each.close();
    };
    return { index, elsewhere, damage, close };
  });
});

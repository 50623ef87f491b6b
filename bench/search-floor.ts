// The floor of search: the same documents into the same kind of index with nothing else done, in bulks of the same size.
import { randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Client } from '@elastic/elasticsearch';
import { createIndex } from '../ports/search/elasticsearch-index.ts';
import { tablesBeside } from '../ports/search/tables.ts';
import { wordsOf } from '../ports/search/words.ts';
import { openSqlite } from '../ports/sqlite.ts';
import type { Row } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const bulkSize = 2_000;

export type Said = { at: string; from: string; text: string };

export const readTexts = async (file: string): Promise<Said[]> => {
  const input = createReadStream(file);
  const texts: Said[] = [];
  for await (const line of createInterface({
    input: file.endsWith('.gz') ? input.pipe(createGunzip()) : input,
  }))
    texts.push(JSON.parse(line) as Said);
  return texts;
};

export const floorOf = async (target: Target, texts: Said[]): Promise<Row> => {
  const documents = texts.map(({ at, text }, n) => ({
    id: randomUUID(),
    at,
    position: n + 1,
    ...wordsOf(text),
  }));
  const work = target.name === 'embedded' ? bareFts : bareBulks(target.env.ELASTICSEARCH_URL ?? '');
  const seconds = await work(documents);
  const bare = target.name === 'embedded' ? 'bare FTS5 inserts' : 'bare bulk requests';
  return {
    what: `${target.name}: ${bare} of the same words, one at a time, ${bulkSize.toLocaleString('en-US')} each`,
    perSecond: documents.length / seconds,
  };
};

type Document = { id: string; at: string; position: number; exact: string; folded: string };
const conversationId = randomUUID();
const senderId = randomUUID();

const inBulks = async (
  documents: Document[],
  take: (bulk: Document[]) => void | Promise<void>,
): Promise<number> => {
  const began = performance.now();
  for (let from = 0; from < documents.length; from += bulkSize)
    await take(documents.slice(from, from + bulkSize));
  return (performance.now() - began) / 1000;
};

const bareBulks =
  (node: string) =>
  async (documents: Document[]): Promise<number> => {
    const client = new Client({ node });
    const index = `floor-${randomUUID()}`;
    await createIndex(client, { index });
    const seconds = await inBulks(documents, async (bulk) => {
      const operations = bulk.flatMap((document) => [
        { index: { _id: document.id, version: 1, version_type: 'external' } },
        { ...document, conversationId, senderId, mentions: [], has: [], isReply: false },
      ]);
      const { errors } = await client.bulk({ index, operations });
      if (errors) throw new Error('a bulk was not taken');
    });
    await client.indices.delete({ index });
    await client.close();
    return seconds;
  };

const bareFts = async (documents: Document[]): Promise<number> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-floor-'));
  const db = openSqlite(join(dir, 'floor.db'), { synchronous: 'NORMAL' });
  for (const statement of tablesBeside('')) db.exec(statement);
  const insert = db.prepare('INSERT INTO words (rowid, exact, folded, facets) VALUES (?, ?, ?, ?)');
  const facets = `c${conversationId.replaceAll('-', '')} s${senderId.replaceAll('-', '')}`;
  const seconds = await inBulks(documents, (bulk) => {
    db.exec('BEGIN');
    for (const { position, exact, folded } of bulk) insert.run(position, exact, folded, facets);
    db.exec('COMMIT');
  });
  db.close();
  rmSync(dir, { recursive: true, force: true });
  return seconds;
};

// The search index of a target, looked at from outside the product.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { openElasticsearch } from '../../ports/search/elasticsearch.ts';
import type { SearchIndex } from '../../ports/search/port.ts';
import { openSqliteSearch } from '../../ports/search/sqlite.ts';
import type { Target } from './target.ts';

const lookEveryMs = 50;
const waitMaxMs = 600_000;

export class Index {
  readonly #target: Target;
  #opened: Promise<SearchIndex> | null = null;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Waits until so many messages can be found; answers how many there are then. */
  async until(count: number): Promise<number> {
    const deadline = performance.now() + waitMaxMs;
    for (;;) {
      const found = await this.#count().catch(() => 0);
      if (found >= count) return found;
      if (performance.now() > deadline) throw new Error(`${found} of ${count} can be found`);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** While the product is down. */
  async clear(): Promise<void> {
    await this.close();
    const { ELASTICSEARCH_URL: node, DATA_DIR: dir } = this.#target.env;
    if (this.#target.name === 'embedded') {
      for (const end of ['', '-wal', '-shm']) rmSync(join(dir ?? '', `search.db${end}`), { force: true });
      return;
    }
    const client = new Client({ node: node ?? '' });
    await client.indices.delete({ index: 'chatvui-messages-1' });
    await client.close();
  }

  async bytes(): Promise<number> {
    const { ELASTICSEARCH_URL: node, DATA_DIR: dir } = this.#target.env;
    if (this.#target.name === 'embedded') return statSync(join(dir ?? '', 'search.db')).size;
    const client = new Client({ node: node ?? '' });
    await client.indices.flush({ index: 'chatvui-messages' });
    const { _all } = await client.indices.stats({ index: 'chatvui-messages', metric: 'store' });
    await client.close();
    return _all.primaries?.store?.size_in_bytes ?? Number.NaN;
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close();
    this.#opened = null;
  }

  async #count(): Promise<number> {
    const { ELASTICSEARCH_URL: url, DATA_DIR: dir } = this.#target.env;
    this.#opened ??=
      this.#target.name === 'embedded'
        ? openSqliteSearch({ dir: dir ?? '' })
        : Promise.resolve(openElasticsearch({ url: url ?? '' }));
    return (await this.#opened).reader.count();
  }
}

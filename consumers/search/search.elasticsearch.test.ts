// The index is replaced by another process while its consumer runs: the consumer goes on by itself, in the new one.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from '@elastic/elasticsearch';
import { describe, expect, it } from 'vitest';
import { openElasticsearch } from '../../ports/search/elasticsearch.ts';
import { FakeLog } from '../log.fake.ts';
import { skipsOf } from '../skips.ts';
import { startSearch } from './start.ts';

const url = process.env.ELASTICSEARCH_URL ?? '';
const topic = 'chat.conversations';
const example = readFileSync(new URL('../../schemas/golden/message.sent.v1.json', import.meta.url), 'utf8');
const logger = { info: () => {}, warn: () => {}, error: () => {} };

describe.skipIf(!url)('A search consumer', () => {
  it('whose index is replaced is fenced once, and goes on in the new one', async () => {
    const alias = `test-${randomUUID()}`;
    const [here, there] = [openElasticsearch({ url, alias }), openElasticsearch({ url, alias })];
    const log = new FakeLog();
    let now = 0;
    const consumer = await startSearch({
      log,
      logger,
      writer: here.writer,
      history: { applied: async () => [1_000], voided: async () => [] },
      skips: skipsOf([]),
      onFailure: (error) => expect.fail(error.message),
      gatherMs: 0,
      now: () => now,
    });
    const say = (): number => {
      const event = JSON.parse(example) as { id: string; data: { message: { id: string } } };
      event.id = randomUUID();
      event.data.message.id = randomUUID();
      return log.put(topic, 0, event);
    };
    try {
      await log.assign(topic, 0);
      for (let n = 0; n < 3; n += 1) say();
      expect(await log.bring(topic, 0)).toBeNull();
      await here.refresh();

      const copy = await there.copy();
      const { fence } = await copy.writer.claim(topic, 0, await log.epoch());
      await copy.writer.commit({ topic, partition: 0, fence, next: 3, changes: [] });
      expect(await copy.holding({ [topic]: [3] }, () => copy.take().then(() => 'taken'))).toBe('taken');

      say();
      expect(await log.bring(topic, 0)).toMatchObject({ code: 'fenced' });
      now += 1_000;
      expect(await log.bring(topic, 0)).toBeNull();
      await there.refresh();
      expect(await there.reader.applied(topic)).toEqual([4]);
      expect(await there.reader.count()).toBe(1);
      expect(consumer.status()[0]).toMatchObject({ state: 'running', next: 4 });
    } finally {
      await consumer.close();
      await here.close();
      await there.close();
      const client = new Client({ node: url });
      await client.indices.delete({ index: [`${alias}-1`, `${alias}-2`] });
      await client.close();
    }
  });
});

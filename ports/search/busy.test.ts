// What a real Elasticsearch does only now and then, done every time: it is busy, or takes a question and never answers.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, idOf } from './contract-acceptance.ts';
import { openElasticsearch } from './elasticsearch.ts';
import type { SearchIndex, SearchRequest } from './port.ts';

type Answer = { status: number; body: object } | 'never';
const index = 'chatvui-messages-1';
const busy = { type: 'es_rejected_execution_exception', reason: 'queue is full' };
const scope = [{ conversationId: idOf(1), visible: 'all' as const }];
const anything: SearchRequest = {
  ...{ terms: [], without: [], has: [], mentions: [] },
  ...{ scope, sort: 'best', limit: 10 },
};

describe('Elasticsearch', () => {
  let server: Server;
  let search: SearchIndex;
  let asked: string[];
  let answers: { bulk: Answer; search: Answer };

  const answerTo = ({ method, url = '' }: IncomingMessage): Answer => {
    const [path = ''] = url.split('?');
    asked.push(`${method} ${path}`);
    if (path.includes('_alias')) return { status: 200, body: { [index]: { aliases: {} } } };
    if (path.includes('_bulk')) return answers.bulk;
    if (path.includes('_search')) return answers.search;
    if (method === 'GET') return { status: 404, body: { found: false } };
    return { status: 201, body: { _seq_no: asked.length, _primary_term: 1 } };
  };

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      request.resume();
      const answer = answerTo(request);
      if (answer === 'never') return;
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'x-elastic-product': 'Elasticsearch',
      });
      response.end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    search = openElasticsearch({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });
  afterEach(async () => {
    await search.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const [topic, partition] = ['chat.conversations', 2];
  const moves = (): number =>
    asked.filter((each) => /PUT|POST/.test(each) && each.includes('position')).length;
  const committed = async (): Promise<void> => {
    const { fence } = await search.writer.claim(topic, partition, 'epoch');
    const document = documentOf('hanoi', idOf(1));
    const changes = [{ kind: 'put' as const, document }];
    await search.writer.commit({ topic, partition, fence, next: 5, changes });
  };

  it('that is too busy for a document keeps the position where it was, and the batch comes again', async () => {
    const item = { index: { _id: 'x', status: 429, error: busy } };
    answers = {
      bulk: { status: 200, body: { errors: true, items: [item] } },
      search: 'never',
    };
    await expect(committed()).rejects.toMatchObject({ code: 'search_unavailable', retry: 'later' });
    expect(moves()).toBe(1);
    answers.bulk = { status: 429, body: { error: busy } };
    await expect(committed()).rejects.toMatchObject({ code: 'search_unavailable', retry: 'later' });
    answers.bulk = { status: 200, body: { errors: false, items: [] } };
    await committed();
    // Each claim moves it once, and the only commit that was taken.
    expect(moves()).toBe(4);
  });

  it('without room says so, and it is tried again', async () => {
    const reason = 'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]';
    const error = { type: 'cluster_block_exception', reason };
    const item = { index: { _id: 'x', status: 429, error } };
    answers = { bulk: { status: 200, body: { errors: true, items: [item] } }, search: 'never' };
    await expect(committed()).rejects.toMatchObject({ code: 'search_full', retry: 'later' });
  });

  it('that never answers is waited for once, and the next ones are told at once', async () => {
    answers = { bulk: 'never', search: 'never' };
    const away = { code: 'search_unavailable', retry: 'later' };
    await expect(search.reader.search(anything)).rejects.toMatchObject(away);
    const before = asked.length;
    const all = Array.from({ length: 50 }, () => search.reader.search(anything));
    await Promise.all(all.map((each) => expect(each).rejects.toMatchObject(away)));
    expect(asked.length).toBe(before);
  });

  it('too busy to search is left alone for a moment', async () => {
    answers = { bulk: 'never', search: { status: 429, body: { error: busy } } };
    for (let n = 0; n < 20; n += 1)
      await expect(search.reader.search(anything)).rejects.toMatchObject({ code: 'search_unavailable' });
    expect(asked.length).toBeLessThan(20);
  });
});

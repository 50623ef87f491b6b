// Histories that come in: whole, under the same ids each time, seen by those who saw them there and by nobody else.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { openSqliteAccounts } from '../../ports/accounts/sqlite.ts';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import { topicShapes } from '../../schemas/topics.ts';
import { anySteps, conversationIds, logOf } from '../../test/properties/histories.ts';
import type { Adapters } from '../adapters.ts';
import { writeEvents } from '../export/events.ts';
import { fileOutput } from '../export/output.ts';
import { always, type Scope } from '../export/scope.ts';
import { scratchHistory } from '../export/scratch.ts';
import { scan, stretchesOf } from '../log-scan.ts';
import { Fingerprint } from '../places/fingerprint.ts';
import { PlaceMap } from '../places/place-map.ts';
import { translate } from '../places/translate.ts';
import { foreignFormats } from './detect.ts';
import { slackFiles } from './fixture-slack.ts';
import { importForeign } from './foreign.ts';
import { importOwn } from './own.ts';

type Home = Pick<Adapters, 'accounts' | 'log' | 'topics'>;

let root: string;
const opened: { close(): Promise<void> }[] = [];
const quiet = () => undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'chatvui-foreign-'));
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  rmSync(root, { recursive: true, force: true });
});

const openHome = async (name: string, partitions: number): Promise<Home> => {
  const topics = topicShapes(partitions);
  const log = await openEmbeddedLog({ dir: join(root, name) });
  opened.push(log);
  await log.ensureTopics(topics);
  const accounts = await openSqliteAccounts({ dir: join(root, name) });
  opened.push(accounts);
  return { log, topics, accounts };
};

const slackZip = async (change: (files: Record<string, string>) => void = quiet): Promise<string> => {
  const files = slackFiles();
  change(files);
  const file = join(root, `slack-${Math.random()}.zip`);
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
  return file;
};

const bringIn = (home: Home, file: string, more: { actorId?: string; map?: Map<string, string> } = {}) =>
  importForeign({
    adapters: home,
    source: foreignFormats.slack({ file, name: 'x', timeZone: 'UTC' }),
    actorId: more.actorId ?? null,
    map: more.map ?? new Map(),
    progress: quiet,
  });

/** What people find: conversations by name, with members by name and messages as `from: text`. */
const storyOf = async (log: EventLog) => {
  const scratch = await scratchHistory(log, { kind: 'all' }, quiet);
  try {
    const story: Record<string, { members: string[]; said: string[] }> = {};
    for (const conversationId of scratch.conversationIds) {
      const { stored } = await scratch.reader.conversation(conversationId);
      const page = await scratch.reader.page({ conversationId, visible: 'all', after: 0, limit: 500 });
      const ids = [...(stored?.members ?? []), ...page.map(({ message }) => ({ userId: message.senderId }))];
      const users = await scratch.reader.users(ids.map(({ userId }) => userId));
      const name = (id: string) => users.find((user) => user.id === id)?.username ?? id;
      const active =
        stored?.members.filter((member) => member.active).map(({ userId }) => name(userId)) ?? [];
      story[stored?.conversation.name ?? 'direct'] = {
        members: active.sort(),
        said: page.map(({ message, reactions }) =>
          [
            `${name(message.senderId)}: ${message.content}`,
            message.editedAt ? ' (edited)' : '',
            message.deletedAt ? ' (deleted)' : '',
            message.replyTo ? ` (to ${page.findIndex((other) => other.message.id === message.replyTo)})` : '',
            ...reactions.map(({ emoji, userId }) => ` ${emoji} ${name(userId)}`).sort(),
          ].join(''),
        ),
      };
    }
    return story;
  } finally {
    await scratch.close();
  }
};

const printOf = async (log: EventLog): Promise<Fingerprint> => {
  const print = new Fingerprint();
  for await (const record of scan(log, await stretchesOf(log, ['chat.conversations']), 'partition'))
    print.take(record);
  return print;
};

const wanted = {
  general: {
    members: ['an', 'bình'],
    said: [
      'an: chào @bình, see #general & docs (https://x.org/?a=1&b=2) <b> (edited) :own_emoji: an :own_emoji: bình 👍 bình',
      'bình: trả lời (to 0)',
      'bình:  (deleted)',
      'Bot_&_co: built',
      'an: [file: a.png (image/png) https://files/a]',
    ],
  },
  secret: { members: ['an'], said: ['an: only here'] },
  direct: { members: ['an', 'bình'], said: ['bình: just us'] },
};

describe('a foreign history', { timeout: 60_000 }, () => {
  it('is here as it was there, with private conversations only for those who were in them', async () => {
    const home = await openHome('home', 3);
    await bringIn(home, await slackZip());
    expect(await storyOf(home.log)).toEqual(wanted);
  });

  it('comes once, however often it is brought in, and only what is new when it has grown', async () => {
    const home = await openHome('home', 3);
    const file = await slackZip();
    await bringIn(home, file);
    const before = await printOf(home.log);
    expect((await bringIn(home, file)).written).toBe(0);
    expect((await printOf(home.log)).digest).toBe(before.digest);
    const later = await slackZip((files) => {
      const ts = `${Date.parse('2024-02-01T00:00:00Z') / 1000}.000100`;
      files['secret/2024-02-01.json'] = JSON.stringify([{ type: 'message', user: 'U1', ts, text: 'more' }]);
    });
    expect((await bringIn(home, later)).written).toBe(1);
    expect((await storyOf(home.log)).secret?.said).toEqual(['an: only here', 'an: more']);
  });

  it('goes on where it was killed, after any write', async () => {
    const whole = await openHome('whole', 3);
    await bringIn(whole, await slackZip());
    const home = await openHome('home', 3);
    for (let writes = 0; ; writes++) {
      let left = writes;
      const dying: EventLog = {
        ...home.log,
        append: (topic, records) => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error('killed')) : home.log.append(topic, records);
        },
      };
      const done = await bringIn({ ...home, log: dying }, await slackZip()).catch((error: Error) => error);
      if (!(done instanceof Error)) break;
      expect(done.message).toBe('killed');
    }
    expect(await storyOf(home.log)).toEqual(await storyOf(whole.log));
  });

  it('lets whoever imports into what was public only, and takes nobody here for somebody there unless told so', async () => {
    const home = await openHome('home', 3);
    const account = async (username: string) => {
      const id = crypto.randomUUID();
      const time = '2026-01-01T00:00:00.000Z';
      const user = { id, username, profilePicUrl: null, kind: 'person' as const, createdAt: time, rev: 1 };
      const event = JSON.stringify({
        specversion: '1.0',
        source: 'chatvui',
        dataversion: 1,
        type: 'user.registered',
        id,
        subject: id,
        actor: id,
        time,
        data: { user },
      });
      await home.accounts.create({ user, passwordHash: 'x', email: null, preferences: {} }, () => event);
      return id;
    };
    const [boss, , minh] = [await account('boss'), await account('an'), await account('minh')];
    await bringIn(home, await slackZip(), { actorId: boss, map: new Map([['bình', minh]]) });
    const story = await storyOf(home.log);
    // The account "an" that was here is another person than the "an" of Slack.
    expect(story.general?.members).toEqual(['an~2', 'boss', 'minh']);
    expect(story.secret?.members).toEqual(['an~2']);
    expect(story.direct).toEqual({ members: ['an~2', 'minh'], said: ['minh: just us'] });
  });
});

describe('our own export', { timeout: 60_000 }, () => {
  const written = async (home: Home, scope: Scope = { kind: 'all' }): Promise<string> => {
    const file = join(root, `own-${Math.random()}.jsonl.gz`);
    const output = fileOutput(file, false);
    const write = (text: string) => output.write(text);
    await writeEvents({
      log: home.log,
      scope,
      between: always,
      facts: [],
      now: '2026-01-01T00:00:00.000Z',
      write,
      progress: quiet,
    });
    await output.done();
    return file;
  };
  const filled = async (partitions: number): Promise<Home> => {
    const home = await openHome('source', partitions);
    const ends = Array.from({ length: partitions }, () => 0);
    for (let run = 1; run <= 4; run++) {
      const events = fc.sample(anySteps, { numRuns: 1, seed: run }).flatMap((steps) => logOf(run, steps));
      // They were played in one partition: here each names the places at which the others stand.
      const places = new Map(conversationIds(run).map((id) => [id, new PlaceMap()]));
      const records = events.map((event, i) => {
        const partition = partitionFor(event.subject, partitions);
        const place = (ends[partition] as number) + 1;
        ends[partition] = place;
        const own = places.get(event.subject) as PlaceMap;
        own.add(i + 1, place);
        return { partition, key: event.subject, value: encodeEvent(translate(event, own)) };
      });
      await home.log.append('chat.conversations', records);
    }
    return home;
  };
  const own = (home: Home, file: string) =>
    importOwn({ adapters: home, file, map: new Map(), progress: quiet });

  it('makes the same history elsewhere, event by event, and nothing the second time or where it comes from', async () => {
    const source = await filled(5);
    const file = await written(source);
    const before = (await printOf(source.log)).digest;
    const target = await openHome('target', 3);
    await own(target, file);
    expect((await printOf(target.log)).digest).toBe(before);
    expect((await own(target, file)).written).toBe(0);
    expect((await own(source, file)).written).toBe(0);
    expect((await printOf(source.log)).digest).toBe(before);
    expect((await printOf(target.log)).digest).toBe(before);
  });

  it('is taken further by a later one, and by whoever was killed', async () => {
    const source = await filled(4);
    const target = await openHome('target', 2);
    const [first] = (await scratchIds(source.log)).slice(0, 1);
    await own(target, await written(source, { kind: 'conversation', id: first as string }));
    let left = 2;
    const dying: EventLog = {
      ...target.log,
      append: (topic, records) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('killed')) : target.log.append(topic, records);
      },
    };
    const file = await written(source);
    await own({ ...target, log: dying }, file).catch((error: Error) => expect(error.message).toBe('killed'));
    await own(target, file);
    expect((await printOf(target.log)).digest).toBe((await printOf(source.log)).digest);
  });
});

const scratchIds = async (log: EventLog): Promise<string[]> => {
  const scratch = await scratchHistory(log, { kind: 'all' }, quiet);
  await scratch.close();
  return scratch.conversationIds;
};

// A person's own, out of a log in which others speak too.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../consumers/history/apply.ts';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import { addMembers, createConversation, removeMember } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { markRead, react, sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve } from '../../producers/state.ts';
import { encodeEvent, makeEvent } from '../../schemas/codec.ts';
import type { ChatEvent, ConversationEvent } from '../../schemas/events.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow } from '../../schemas/rows.ts';
import { topicShapes } from '../../schemas/topics.ts';
import { personCsvTelling } from './csv.ts';
import { emptyDirectory, fileNameOf, tellEach } from './directory.ts';
import { htmlTelling } from './html.ts';
import { markdownTelling } from './markdown.ts';
import { always } from './scope.ts';
import { type Scratch, scratchHistory } from './scratch.ts';
import { timesIn } from './times.ts';
import { type Telling, tell } from './told.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-told-'));
const [an, binh] = [crypto.randomUUID(), crypto.randomUUID()] as [string, string];
let log: EventLog;
let scratch: Scratch;

/** One minute after the other. */
let minute = 0;
const at = (n: number): string => new Date(Date.UTC(2026, 0, 2, 3, n)).toISOString();
const as = (actorId: string): Context => ({ actorId, now: at(minute++), newId: () => crypto.randomUUID() });

const append = (topic: string, event: ChatEvent, partitions: number) =>
  log.append(topic, [
    { partition: partitionFor(event.subject, partitions), key: event.subject, value: encodeEvent(event) },
  ]);

let state: ConversationState | null = null;
let place = 0;
/** Decided, and in the log. */
const happened = async (decision: Decision): Promise<ConversationEvent> => {
  if (isRefusal(decision)) throw new Error(decision.code);
  const event = decision[0] as ConversationEvent;
  await append('chat.conversations', event, 1);
  place += 1;
  state = evolve(state, apply(event, place));
  return event;
};
const said = async (by: string, content: string): Promise<MessageRow> => {
  const command = { ref: crypto.randomUUID(), content, replyTo: null, attachments: [], mentions: [] };
  const event = await happened(sendMessage(state, command, as(by)));
  return { ...(event.type === 'message.sent' ? event.data.message : ({} as MessageRow)), position: place };
};

beforeAll(async () => {
  log = await openEmbeddedLog({ dir });
  await log.ensureTopics(topicShapes(1));
  for (const [id, username] of [
    [an, 'an'],
    [binh, '=bình'],
  ] as const) {
    const user = { id, username, profilePicUrl: null, kind: 'person' as const, createdAt: at(0), rev: 1 };
    const of = { id: crypto.randomUUID(), subject: id, actor: id, time: at(0) };
    await append('chat.users', makeEvent({ type: 'user.registered', ...of, data: { user } }), 4);
  }
  await happened(createConversation({ isGroup: true, name: 'Bếp', memberIds: [binh] }, as(an)));
  const secret = await said(binh, 'điều của bình');
  await happened(react(state, secret, { emoji: '👍', active: true, former: null }, as(an)));
  await happened(markRead(state, { position: secret.position, former: 0 }, as(an)));
  await happened(removeMember(state, { userId: binh }, as(an)));
  await happened(addMembers(state, { userIds: [binh], isAdmin: false }, as(an)));
  await said(an, 'điều của an');
  scratch = await scratchHistory(log, { kind: 'all' }, () => undefined);
});
afterAll(async () => {
  await scratch.close();
  await log.close();
  rmSync(dir, { recursive: true });
});

const told = async (telling: Telling, userId: string): Promise<string> => {
  let text = '';
  await tell(telling, {
    reader: scratch.reader,
    conversationIds: scratch.conversationIds,
    between: always,
    onlyOf: userId,
    title: 'x',
    facts: [['E-mail', 'an@example.org']],
    write: async (more) => {
      text += more;
    },
    progress: () => undefined,
  });
  return text;
};
const time = timesIn('UTC');

describe('what is exported of a person to be read', () => {
  it('has when they came and left, how far they read and what they reacted to, and no word of others', async () => {
    const markdown = await told(markdownTelling(time, 'UTC'), an);
    expect(markdown).toContain('- Member since 2026-01-02 03:00:00\n- Admin\n');
    expect(markdown).toContain('- Read up to what was sent 2026-01-02 03:01:00, last 2026-01-02 03:03:00');
    expect(markdown).toContain('2026-01-02 03:02:00 reacted 👍 to what \\=bình sent 2026-01-02 03:01:00');
    expect(markdown).toContain('điều của an');
    expect(markdown).not.toContain('điều của bình');
    const html = await told(htmlTelling(time, 'UTC'), binh);
    expect(html).toMatch(
      /since <time[^>]*>2026-01-02 03:00:00<\/time> until <time[^>]*>2026-01-02 03:04:00</,
    );
    expect(html).toMatch(/since <time[^>]*>2026-01-02 03:05:00<\/time><\/dd>/);
    expect(html).not.toMatch(/reacted|Read|Admin|điều của an/);
  });

  it('says in a table of each row what it is, and makes no formula of a name', async () => {
    const rows = (await told(personCsvTelling(time), an)).slice(1).trimEnd().split('\r\n');
    expect(rows.map((row) => row.split(',')[0])).toEqual([
      'kind',
      'account',
      'joined',
      'admin',
      'read',
      'reaction',
      'message',
    ]);
    expect(rows[1]).toContain('E-mail: an@example.org');
    expect(rows[5]).toContain("👍,,,'=bình,");
    const width = rows[0]?.split(',').length;
    for (const row of rows) expect(row.split(',')).toHaveLength(width as number);
    const left = (await told(personCsvTelling(time), binh)).split('\r\n').map((row) => row.split(',')[0]);
    expect(left.slice(2, -1)).toEqual(['joined', 'left', 'joined', 'message']);
  });
});

describe('an export into a folder', () => {
  it('has one whole document for each conversation, by its name, for its owner only', async () => {
    const directory = join(dir, 'folder');
    emptyDirectory(directory, false);
    const found = await tellEach(
      markdownTelling(time, 'UTC'),
      {
        reader: scratch.reader,
        conversationIds: scratch.conversationIds,
        between: always,
        onlyOf: null,
        facts: [],
        progress: () => undefined,
      },
      { directory, ending: 'md', force: false },
    );
    expect(found).toEqual({ messages: 2, documents: 1 });
    const names = readdirSync(directory);
    expect(names).toEqual([`Bếp-${scratch.conversationIds[0]?.slice(0, 8)}.md`]);
    const file = join(directory, names[0] as string);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Bếp\n.*điều của bình.*điều của an/s);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(() => emptyDirectory(directory, false)).toThrow('not empty');
  });

  it('names nothing that a file system would take for more than a name', () => {
    expect(fileNameOf('../../etc/passwd', '1', 'md')).toBe('etc-passwd-1.md');
    expect(fileNameOf('  Họp: "tối nay"?  ', '1', 'md')).toBe('Họp-tối-nay-1.md');
    expect(fileNameOf('...', '1', 'md')).toBe('1.md');
    const long = fileNameOf('漢'.repeat(300), '1', 'md');
    expect(Buffer.byteLength(long)).toBeLessThan(200);
    expect(long).toMatch(/^漢+-1\.md$/);
  });
});

// Foreign histories, made by us as those programs write them, read as what they say, and nothing half.
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { detectFormat, foreignFormats } from './detect.ts';
import { slackFiles } from './fixture-slack.ts';
import { plainText } from './formats/slack-text.ts';
import type { SourceItem } from './formats/source.ts';
import { instantIn, learnOrder, stampOf } from './formats/whatsapp-dates.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-formats-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let made = 0;

const zipOf = async (files: Record<string, string | Buffer>): Promise<string> => {
  const file = join(dir, `${made++}.zip`);
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
  return file;
};
const textFile = (name: string, text: string | Buffer): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};
const itemsOf = async (
  format: keyof typeof foreignFormats,
  file: string,
  timeZone = 'UTC',
): Promise<SourceItem[]> => {
  const items: SourceItem[] = [];
  for await (const item of foreignFormats[format]({ file, name: 'test', timeZone }).read()) items.push(item);
  return items;
};
const only = <K extends SourceItem['kind']>(items: SourceItem[], kind: K) =>
  items.filter((item): item is Extract<SourceItem, { kind: K }> => item.kind === kind);

describe('slack', () => {
  it('gives people, conversations with their members, and messages in their order in time', async () => {
    const items = await itemsOf('slack', await zipOf(slackFiles()));
    expect(only(items, 'person').map(({ id, name }) => `${id} ${name}`)).toEqual([
      'U1 an',
      'U2 bình',
      'B9 Bot & co',
    ]);
    expect(only(items, 'conversation')).toMatchObject([
      { id: 'C1', name: 'general', isGroup: true, isPublic: true, memberIds: ['U1', 'U2'] },
      { id: 'G1', name: 'secret', isGroup: true, isPublic: false, memberIds: ['U1'] },
      { id: 'D1', isGroup: false, isPublic: false, memberIds: ['U1', 'U2'] },
    ]);
    const said = only(items, 'message');
    expect(said.map(({ conversation, from, text }) => `${conversation} ${from} ${text}`)).toEqual([
      'C1 U1 chào @bình, see #general & docs (https://x.org/?a=1&b=2) <b>',
      'C1 U2 trả lời',
      'C1 U2 ',
      'C1 B9 built',
      'C1 U1 [file: a.png (image/png) https://files/a]',
      'G1 U1 only here',
      'D1 U2 just us',
    ]);
    expect(said[0]).toMatchObject({
      at: '2024-01-02T03:04:05.000Z',
      mentions: ['U2'],
      editedAt: '2024-01-02T04:00:00.000Z',
      reactions: [
        { emoji: '👍', from: ['U2'] },
        { emoji: ':own_emoji:', from: ['U1', 'U2'] },
      ],
    });
    expect(said[1]?.answers).toEqual({ id: '1704164645.000100', from: 'U1' });
    expect(said[2]).toMatchObject({ isDeleted: true, text: '' });
    expect(only(items, 'join')).toMatchObject([
      { conversation: 'C1', person: 'U2', at: '2024-01-02T03:00:00.000Z' },
    ]);
    expect(only(items, 'left_out')).toEqual([
      { kind: 'left_out', reason: "Slack's notices (channel_topic)" },
    ]);
  });

  it('reads its markup', () => {
    const names = { person: (id: string) => ({ U1: 'an' })[id], conversation: () => undefined };
    const read = (text: string) => plainText(text, names).text;
    expect(read('<@U1> <@U2|b> <@U3> <#C1|x> <!here> <!subteam^S1|@ops>')).toBe('@an @b @U3 #x @here @ops');
    expect(read('<https://a.b|https://a.b> <mailto:x@y.z|x@y.z> &amp;lt; &lt;&gt;')).toBe(
      'https://a.b x@y.z &lt; <>',
    );
  });

  it('names the file of what it cannot read', async () => {
    const files = { ...slackFiles(), 'general/2024-01-02.json': '[{"ts": 5' };
    await expect(itemsOf('slack', await zipOf(files))).rejects.toThrow('general/2024-01-02.json is not JSON');
    const bytes = { ...slackFiles(), 'users.json': Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]) };
    await expect(itemsOf('slack', await zipOf(bytes))).rejects.toThrow('users.json is not JSON in UTF-8');
    const list = { ...slackFiles(), 'channels.json': '{"a": 1}' };
    await expect(itemsOf('slack', await zipOf(list))).rejects.toThrow('channels.json is not a list');
  });

  it('refuses what unpacks to far more than it is, before it does', async () => {
    const files = { ...slackFiles(), 'general/2024-01-03.json': Buffer.alloc(30_000_000, 32) };
    await expect(itemsOf('slack', await zipOf(files))).rejects.toThrow('far more than it is');
    const huge = { ...slackFiles(), 'users.json': Buffer.alloc(70_000_000, 32) };
    await expect(itemsOf('slack', await zipOf(huge))).rejects.toThrow('too much');
  });
});

describe('mattermost', () => {
  const line = (type: string, body: object | number) => JSON.stringify({ type, [type]: body });
  const lines = [
    line('version', 1),
    line('team', { name: 't' }),
    line('channel', { team: 't', name: 'town', display_name: 'Town Square', type: 'O' }),
    line('channel', { team: 't', name: 'priv', display_name: 'Private', type: 'P' }),
    line('user', { username: 'an', teams: [{ name: 't', channels: [{ name: 'town' }, { name: 'priv' }] }] }),
    line('user', { username: 'binh', teams: [{ name: 't', channels: [{ name: 'town' }] }] }),
    line('post', {
      team: 't',
      channel: 'town',
      user: 'an',
      message: 'one @binh',
      create_at: 1_000,
      edit_at: 1_500,
      reactions: [{ user: 'binh', emoji_name: 'tada', create_at: 1_100 }],
      replies: [
        { user: 'binh', message: 'late answer', create_at: 5_000 },
        { user: 'binh', message: 'early answer', create_at: 1_200 },
      ],
      attachments: [{ path: '../../etc/passwd' }],
    }),
    line('post', { team: 't', channel: 'town', user: 'an', message: 'two', create_at: 2_000 }),
    line('direct_channel', { members: ['binh', 'an'] }),
    line('direct_post', { channel_members: ['an', 'binh'], user: 'binh', message: 'psst', create_at: 3_000 }),
  ];

  it('gives members by channel, answers in their place in time, edits and reactions', async () => {
    const items = await itemsOf('mattermost', textFile('mm.jsonl', lines.join('\n')));
    expect(only(items, 'conversation')).toMatchObject([
      { id: 't/town', name: 'Town Square', isPublic: true, memberIds: ['an', 'binh'] },
      { id: 'direct/an/binh', isGroup: false, memberIds: ['an', 'binh'] },
      { id: 't/priv', name: 'Private', isPublic: false, memberIds: ['an'] },
    ]);
    const said = only(items, 'message');
    expect(said.map(({ text }) => text)).toEqual([
      'one @binh\n[file: passwd]',
      'early answer',
      'two',
      'psst',
      'late answer',
    ]);
    expect(said[1]?.answers).toEqual({ id: said[0]?.id, from: 'an' });
    expect(said[0]).toMatchObject({
      mentions: ['binh'],
      editedAt: '1970-01-01T00:00:01.500Z',
      reactions: [{ emoji: '🎉', from: ['binh'] }],
    });
  });

  it('tells two equal posts apart, the same way each time', async () => {
    const post = line('post', { team: 't', channel: 'town', user: 'an', message: 'x', create_at: 9_000 });
    const file = textFile('twice.jsonl', [...lines.slice(0, 5), post, post].join('\n'));
    const ids = async () => only(await itemsOf('mattermost', file), 'message').map(({ id }) => id);
    expect(new Set(await ids()).size).toBe(2);
    expect(await ids()).toEqual(await ids());
  });

  it('says which line is wrong', async () => {
    const bad = async (text: string | Buffer) => itemsOf('mattermost', textFile('bad.jsonl', text));
    await expect(bad(`${lines[0]}\n{"type":`)).rejects.toThrow('line 2 is not JSON');
    await expect(bad(`${lines[0]}\n[]`)).rejects.toThrow('line 2 is not a JSON object');
    await expect(bad(`${lines[0]}\n${'['.repeat(200_000)}`)).rejects.toThrow('line 2');
    await expect(
      bad(Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.from([0xff, 0xfe])])),
    ).rejects.toThrow('line 2 is not UTF-8');
    await expect(bad(Buffer.alloc(9_000_000, 97))).rejects.toThrow('line 1 is longer than');
    await expect(bad(line('post', { team: 't', channel: 'no', user: 'a', create_at: 1 }))).rejects.toThrow(
      'line 1 is in a channel',
    );
    const late = line('post', { team: 't', channel: 'town', user: 'an', message: 'x', create_at: 'soon' });
    await expect(bad([...lines.slice(0, 5), late].join('\n'))).rejects.toThrow('line 6: not a time');
  });
});

describe('whatsapp', () => {
  const android = [
    '31/12/2023, 21:05 - Messages and calls are end-to-end encrypted.',
    '31/12/2023, 21:05 - An created group "Bếp"',
    '31/12/2023, 21:05 - An: chào\ncả nhà: 1',
    '31/12/2023, 21:06 - An added Chi',
    '01/01/2024, 09:00 - Chi: <Media omitted>',
    '01/01/2024, 09:00 - Chi: ok',
    '01/01/2024, 09:00 - Chi: ok',
    '01/01/2024, 09:01 - Bình: This message was deleted',
    '01/01/2024, 09:02 - Bình: IMG-1.jpg (file attached)',
    '01/01/2024, 09:03 - Bình: sửa <This message was edited>',
    '01/01/2024, 10:00 - Chi left',
  ].join('\n');

  it('gives who said what when, several lines as one message, who came and went', async () => {
    const items = await itemsOf('whatsapp', textFile('chat.txt', android), 'Asia/Ho_Chi_Minh');
    expect(only(items, 'conversation')).toMatchObject([
      { isGroup: true, isPublic: false, memberIds: ['An', 'Bình'] },
    ]);
    const said = only(items, 'message');
    expect(said.map(({ at, from, text }) => `${at.slice(0, 16)} ${from} ${text}`)).toEqual([
      '2023-12-31T14:05 An chào\ncả nhà: 1',
      '2024-01-01T02:00 Chi [file: not in the export]',
      '2024-01-01T02:00 Chi ok',
      '2024-01-01T02:00 Chi ok',
      '2024-01-01T02:01 Bình ',
      '2024-01-01T02:02 Bình [file: IMG-1.jpg]',
      '2024-01-01T02:03 Bình sửa',
    ]);
    expect(said.map(({ isDeleted }) => isDeleted).filter(Boolean)).toHaveLength(1);
    expect(said.at(-1)?.editedAt).toBe('2024-01-01T02:03:00.000Z');
    expect(new Set(said.map(({ id }) => id)).size).toBe(said.length);
    expect(only(items, 'join')).toMatchObject([{ person: 'Chi' }]);
    expect(only(items, 'leave')).toMatchObject([{ person: 'Chi', at: '2024-01-01T03:00:00.000Z' }]);
  });

  it('is a conversation of two when two talk, also out of the zip of an iPhone', async () => {
    const chat = [
      '\u200e[12/31/23, 9:05:06\u202fPM] Ann: \u200eMessages and calls are end-to-end encrypted.',
      '[12/31/23, 9:05:07\u202fPM] Ann: hi',
      '\u200e[1/1/24, 12:00:00\u202fAM] ~ Bob: \u200e<attached: 00001-PHOTO.jpg>',
    ].join('\r\n');
    const file = await zipOf({ '_chat.txt': chat, '00001-PHOTO.jpg': 'x' });
    expect(await detectFormat(file)).toBe('whatsapp');
    const items = await itemsOf('whatsapp', file);
    expect(only(items, 'conversation')).toMatchObject([{ isGroup: false, memberIds: ['Ann', 'Bob'] }]);
    expect(
      only(items, 'message')
        .map(({ at, from, text }) => `${at} ${from} ${text}`)
        .slice(1),
    ).toEqual(['2023-12-31T21:05:07.000Z Ann hi', '2024-01-01T00:00:00.000Z Bob [file: 00001-PHOTO.jpg]']);
  });

  it('reads the Vietnamese phone', async () => {
    const chat = [
      '15/02/2024, 9:05 CH - An đã thêm Chi',
      '15/02/2024, 9:06 CH - Chi: <Phương tiện bị bỏ qua>',
      '15/02/2024, 9:07 SA - An: Tin nhắn này đã bị xóa',
      '15/02/2024, 9:08 CH - Chi đã rời nhóm',
    ].join('\n');
    const items = await itemsOf('whatsapp', textFile('vi.txt', chat));
    expect(only(items, 'message')).toMatchObject([
      { at: '2024-02-15T21:06:00.000Z', text: '[file: not in the export]' },
      { at: '2024-02-15T09:07:00.000Z', isDeleted: true },
    ]);
    expect(only(items, 'join')).toHaveLength(1);
    expect(only(items, 'leave')).toHaveLength(1);
  });

  it('learns from the whole file whether day or month comes first', () => {
    const orderOf = (...lines: string[]) => {
      const order = learnOrder();
      for (const text of lines)
        order.see(stampOf(`${text} - An: x`)?.stamp as NonNullable<ReturnType<typeof stampOf>>['stamp']);
      return order.order();
    };
    expect(orderOf('1/2/24, 10:00', '13/2/24, 10:00')).toBe('dmy');
    expect(orderOf('1/2/24, 10:00', '1/13/24, 10:00')).toBe('mdy');
    expect(orderOf('2024-01-02, 10:00')).toBe('ymd');
    // 9 January, then 1 February; read the other way time would go back.
    expect(orderOf('9/1/24, 10:00', '1/2/24, 10:00')).toBe('dmy');
    expect(orderOf('1/9/24, 10:00', '2/1/24, 10:00')).toBe('mdy');
    expect(orderOf('1/2/24, 10:00 AM', '2/3/24, 11:00 AM')).toBe('mdy');
    expect(orderOf('1.2.24, 10:00')).toBe('dmy');
  });

  it('follows the time zone through its summer, and refuses days that no calendar has', () => {
    const stamp = (text: string) =>
      stampOf(`${text} - A: x`)?.stamp as NonNullable<ReturnType<typeof stampOf>>['stamp'];
    const at = (text: string) => new Date(instantIn(stamp(text), 'dmy', 'Europe/Berlin') ?? 0).toISOString();
    expect(at('15/01/2024, 12:00')).toBe('2024-01-15T11:00:00.000Z');
    expect(at('15/07/2024, 12:00')).toBe('2024-07-15T10:00:00.000Z');
    expect(instantIn(stamp('31/02/2024, 12:00'), 'dmy', 'UTC')).toBeNull();
    expect(instantIn(stamp('01/02/2024, 25:00'), 'dmy', 'UTC')).toBeNull();
  });

  it('says which line is wrong', async () => {
    await expect(itemsOf('whatsapp', textFile('no.txt', 'hello\n'))).rejects.toThrow(
      'line 1 does not begin with a date',
    );
    await expect(itemsOf('whatsapp', textFile('feb.txt', '31/02/2024, 12:00 - A: x\n'))).rejects.toThrow(
      'line 1: there is no such date',
    );
    const utf16 = Buffer.from('\ufeff31/12/2023, 21:05 - An: x', 'utf16le');
    await expect(itemsOf('whatsapp', textFile('utf16.txt', utf16))).rejects.toThrow(/line 1/);
  });
});

describe('a file', () => {
  it('is known by what is in it', async () => {
    expect(await detectFormat(await zipOf(slackFiles()))).toBe('slack');
    expect(await detectFormat(await zipOf({ 'import.jsonl': '{}' }))).toBe('mattermost');
    expect(await detectFormat(textFile('a', '{"type":"version","version":1}\n'))).toBe('mattermost');
    expect(await detectFormat(textFile('b', '{"chatvui":"export","version":1}\n'))).toBe('chatvui');
    expect(await detectFormat(textFile('c', '{"id":"1"}\n'))).toBe('jsonl');
    expect(await detectFormat(textFile('d', '31/12/2023, 21:05 - An: x\n'))).toBe('whatsapp');
    await expect(detectFormat(textFile('e', 'hello\n'))).rejects.toThrow('--format');
    await expect(detectFormat(await zipOf({ 'a.png': '' }))).rejects.toThrow('--format');
  });
});

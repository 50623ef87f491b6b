// Slack's export: a zip with lists of people and conversations and one JSON file a day for each conversation.
import { emojiOf } from './emoji.ts';
import { isObject, objectsOf, textOf, textsOf } from './lines.ts';
import { plainText } from './slack-text.ts';
import {
  BadSource,
  type FormatOptions,
  isoOf,
  type Source,
  type SourceItem,
  type SourcePost,
} from './source.ts';
import { Zip } from './zip.ts';

type Row = Record<string, unknown>;
type Room = { id: string; folder: string; item: SourceItem };

const joins = new Set(['channel_join', 'group_join']);
const leaves = new Set(['channel_leave', 'group_leave']);
const messages = new Set([
  '',
  'thread_broadcast',
  'bot_message',
  'me_message',
  'file_share',
  'tombstone',
  'reply_broadcast',
]);

export const isSlack = (names: string[]): boolean =>
  names.includes('users.json') && names.includes('channels.json');

export const slackSource = ({ file }: FormatOptions): Source => ({
  // Slack's own ids are unique over all of Slack.
  namespace: 'slack',
  async *read() {
    const zip = await Zip.open(file);
    try {
      yield* new Export(zip).all();
    } finally {
      zip.close();
    }
  },
});

class Export {
  readonly #zip: Zip;
  /** By id, for mentions and for people who wrote. */
  readonly #names = new Map<string, string>();
  readonly #rooms = new Map<string, string>();

  constructor(zip: Zip) {
    this.#zip = zip;
  }

  async *all(): AsyncGenerator<SourceItem> {
    for (const row of await this.#zip.objects('users.json')) {
      const profile = isObject(row.profile) ? row.profile : {};
      const id = textOf(row.id);
      const name = textOf(profile.display_name) || textOf(row.name) || textOf(profile.real_name) || id;
      if (!id) throw new BadSource('users.json has a person without an id');
      this.#names.set(id, name);
      yield { kind: 'person', id, name };
    }
    const days = this.#days();
    const rooms = await this.#roomList();
    for (const { item } of rooms) if (item.kind === 'conversation') this.#rooms.set(item.id, item.name);
    for (const { id, folder, item } of rooms) {
      yield item;
      yield* this.#room(id, days.get(folder) ?? []);
    }
  }

  /** Names of the daily files by folder, oldest first. */
  #days(): Map<string, string[]> {
    const days = new Map<string, string[]>();
    for (const name of this.#zip.names) {
      const [, folder, day] = /^(.+)\/(\d{4}-\d{2}-\d{2})\.json$/.exec(name) ?? [];
      if (!folder || !day) continue;
      const list = days.get(folder) ?? [];
      days.set(folder, list);
      list.push(name);
    }
    for (const list of days.values()) list.sort();
    return days;
  }

  async #roomList(): Promise<Room[]> {
    const rooms: Room[] = [];
    for (const [list, isGroup, isPublic] of [
      ['channels.json', true, true],
      ['groups.json', true, false],
      ['mpims.json', true, false],
      ['dms.json', false, false],
    ] as const) {
      for (const row of await this.#zip.objects(list)) {
        const id = textOf(row.id);
        if (!id) throw new BadSource(`${list} has a conversation without an id`);
        const memberIds = textsOf(row.members);
        const people = memberIds.map((member) => this.#names.get(member) ?? member).join(', ');
        const name = list === 'mpims.json' || !isGroup ? people || id : textOf(row.name) || id;
        const item = { kind: 'conversation' as const, id, name, isGroup, isPublic, memberIds };
        rooms.push({ id, folder: isGroup ? textOf(row.name) : id, item });
      }
    }
    return rooms;
  }

  async *#room(conversation: string, days: string[]): AsyncGenerator<SourceItem> {
    /** Who began each thread. */
    const roots = new Map<string, string>();
    for (const day of days) {
      const rows = await this.#zip.objects(day);
      const timed = rows.map((row) => ({ row, ts: Number(textOf(row.ts)) }));
      for (const { row } of timed.sort((a, b) => a.ts - b.ts))
        yield* this.#row(row, { conversation, day, roots });
    }
  }

  *#row(
    row: Row,
    { conversation, day, roots }: { conversation: string; day: string; roots: Map<string, string> },
  ): Generator<SourceItem> {
    const ts = textOf(row.ts);
    const subtype = textOf(row.subtype);
    const at = isoOf(Number(ts) * 1000, `${day}: "${ts.slice(0, 40)}"`);
    const user = textOf(row.user);
    if (joins.has(subtype) || leaves.has(subtype)) {
      const kind = joins.has(subtype) ? 'join' : 'leave';
      if (user) yield { kind, conversation, person: user, at };
      return;
    }
    if (!messages.has(subtype)) {
      yield { kind: 'left_out', reason: `Slack's notices (${subtype.slice(0, 40)})` };
      return;
    }
    const [from, name] = this.#writerOf(row);
    if (!from) {
      yield { kind: 'left_out', reason: 'messages of nobody' };
      return;
    }
    if (!this.#names.has(from)) {
      this.#names.set(from, name);
      yield { kind: 'person', id: from, name };
    }
    const thread = textOf(row.thread_ts);
    if (thread === ts) roots.set(ts, from);
    yield this.#post(row, { conversation, at, from, thread, roots });
  }

  #post(
    row: Row,
    {
      conversation,
      at,
      from,
      thread,
      roots,
    }: {
      conversation: string;
      at: string;
      from: string;
      thread: string;
      roots: Map<string, string>;
    },
  ): SourcePost {
    const ts = textOf(row.ts);
    const isDeleted = textOf(row.subtype) === 'tombstone';
    const root = roots.get(thread) ?? textOf(row.parent_user_id);
    const { text, mentions } = plainText(bodyOf(row), {
      person: (id) => this.#names.get(id),
      conversation: (id) => this.#rooms.get(id),
    });
    const edited = isObject(row.edited) ? Number(textOf(row.edited.ts)) * 1000 : Number.NaN;
    return {
      kind: 'message',
      conversation,
      id: ts,
      from,
      at,
      text: isDeleted ? '' : [text, ...filesOf(row)].filter(Boolean).join('\n'),
      answers: thread && thread !== ts && root ? { id: thread, from: root } : null,
      mentions: isDeleted ? [] : mentions,
      editedAt: Number.isFinite(edited) && edited > 0 ? new Date(edited).toISOString() : null,
      isDeleted,
      reactions: objectsOf(row.reactions).map((reaction) => ({
        emoji: emojiOf(textOf(reaction.name)),
        from: textsOf(reaction.users),
      })),
    };
  }

  /** A bot has no user of its own in some exports. */
  #writerOf(row: Row): [id: string, name: string] {
    const user = textOf(row.user);
    if (user) {
      const profile = isObject(row.user_profile) ? row.user_profile : {};
      return [user, textOf(profile.display_name) || textOf(profile.name) || user];
    }
    const bot = isObject(row.bot_profile) ? row.bot_profile : {};
    const name = textOf(row.username) || textOf(bot.name) || textOf(row.bot_id);
    return [textOf(row.bot_id) || (name && `bot ${name}`), name];
  }
}

/** Bots say much in attachments. */
const bodyOf = (row: Row): string => {
  const text = textOf(row.text);
  if (text) return text;
  return objectsOf(row.attachments)
    .map((attachment) => textOf(attachment.text) || textOf(attachment.fallback))
    .filter(Boolean)
    .join('\n');
};

const filesOf = (row: Row): string[] =>
  objectsOf(row.files).map((file) => {
    const link = textOf(file.permalink) || textOf(file.url_private);
    const type = textOf(file.mimetype);
    const name = textOf(file.name) || textOf(file.title) || 'without a name';
    return `[file: ${name}${type ? ` (${type})` : ''}${link ? ` ${link}` : ''}]`;
  });

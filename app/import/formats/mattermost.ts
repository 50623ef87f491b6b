// Mattermost's bulk export: one JSON object a line, in the order version, teams, channels, users, posts. Answers come inside
// the post that they answer, and are put back into their place in time.
import { createHash } from 'node:crypto';
import { emojiOf } from './emoji.ts';
import { fileStream, isObject, type Line, linesOf, objectIn, objectsOf, textOf, textsOf } from './lines.ts';
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
type Room = Extract<SourceItem, { kind: 'conversation' }>;

/** Answers that wait for their time in one conversation. */
const waitingMax = 100_000;
const ignored = new Set(['version', 'team', 'emoji', 'role', 'scheme', 'bot']);

export const mattermostFileIn = (names: string[]): string | undefined =>
  names.filter((name) => name.endsWith('.jsonl') && !name.includes('/')).sort()[0];

export const mattermostSource = ({ file, name }: FormatOptions): Source => ({
  // Mattermost exports names and no ids: they mean something only in their own installation.
  namespace: `mattermost:${name}`,
  async *read() {
    if (!file.endsWith('.zip')) {
      yield* new Bulk().all(linesOf(fileStream(file)));
      return;
    }
    const zip = await Zip.open(file);
    try {
      const inside = mattermostFileIn(zip.names);
      if (!inside) throw new BadSource('there is no .jsonl file in it');
      yield* new Bulk().all(linesOf(await zip.stream(inside)));
    } finally {
      zip.close();
    }
  },
});

class Bulk {
  readonly #rooms = new Map<string, Room>();
  readonly #told = new Set<string>();
  readonly #waiting = new Map<string, SourcePost[]>();
  readonly #repeated = new Map<string, number>();

  async *all(lines: AsyncGenerator<Line>): AsyncGenerator<SourceItem> {
    for await (const line of lines) {
      if (line.text.trim() === '') continue;
      const row = objectIn(line);
      const type = textOf(row.type);
      const where = `line ${line.number}`;
      if (ignored.has(type)) continue;
      const body = row[type];
      if (!isObject(body)) throw new BadSource(`${where} has no "${type.slice(0, 40)}" in it`);
      if (type === 'channel') this.#channel(body);
      else if (type === 'user') yield* this.#user(body);
      else if (type === 'direct_channel') this.#direct(body.members ?? body.participants);
      else if (type === 'post') yield* this.#post(body, roomOf(body), where);
      else if (type === 'direct_post') yield* this.#post(body, this.#direct(body.channel_members), where);
      else yield { kind: 'left_out', reason: `lines of the type "${type.slice(0, 40)}"` };
    }
    for (const id of this.#rooms.keys()) yield* this.#tell(id);
    for (const id of this.#waiting.keys()) yield* this.#due(id, Number.POSITIVE_INFINITY);
  }

  #channel(body: Row): void {
    const id = roomOf({ ...body, channel: body.name });
    const name = textOf(body.display_name) || textOf(body.name);
    const isPublic = textOf(body.type) === 'O';
    this.#rooms.set(id, { kind: 'conversation', id, name, isGroup: true, isPublic, memberIds: [] });
  }

  *#user(body: Row): Generator<SourceItem> {
    const id = textOf(body.username);
    yield { kind: 'person', id, name: id };
    for (const team of objectsOf(body.teams))
      for (const channel of objectsOf(team.channels))
        this.#rooms.get(roomOf({ team: team.name, channel: channel.name }))?.memberIds.push(id);
  }

  #direct(people: unknown): string {
    const members = [
      ...new Set(
        textsOf(people).length > 0
          ? textsOf(people)
          : objectsOf(people).map(({ username }) => textOf(username)),
      ),
    ].sort();
    const id = `direct/${members.join('/')}`;
    if (!this.#rooms.has(id)) {
      const name = members.join(', ');
      const isGroup = members.length !== 2;
      this.#rooms.set(id, { kind: 'conversation', id, name, isGroup, isPublic: false, memberIds: members });
    }
    return id;
  }

  *#post(body: Row, room: string, where: string): Generator<SourceItem> {
    if (!this.#rooms.has(room)) throw new BadSource(`${where} is in a channel that was not told before`);
    yield* this.#tell(room);
    const post = this.#postOf(body, room, where, null);
    yield* this.#due(room, Date.parse(post.at));
    yield post;
    const answers = { id: post.id, from: post.from };
    const waiting = this.#waiting.get(room) ?? [];
    this.#waiting.set(room, waiting);
    for (const reply of objectsOf(body.replies)) {
      waiting.push(this.#postOf(reply, room, where, answers));
      if (waiting.length > waitingMax) throw new BadSource(`${where}: too many answers wait for their time`);
    }
    waiting.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  *#tell(room: string): Generator<SourceItem> {
    if (this.#told.has(room)) return;
    this.#told.add(room);
    yield this.#rooms.get(room) as Room;
  }

  /** Answers whose time has come. */
  *#due(room: string, ms: number): Generator<SourceItem> {
    const waiting = this.#waiting.get(room) ?? [];
    let count = 0;
    while (count < waiting.length && Date.parse((waiting[count] as SourcePost).at) <= ms) count += 1;
    yield* waiting.splice(0, count);
  }

  #postOf(body: Row, conversation: string, where: string, answers: SourcePost['answers']): SourcePost {
    const from = textOf(body.user);
    if (!from) throw new BadSource(`${where} has a post of nobody`);
    const at = isoOf(Number(body.create_at), where);
    const message = textOf(body.message);
    const edited = Number(body.edit_at ?? 0);
    const files = objectsOf(body.attachments).map(({ path }) => `[file: ${textOf(path).split('/').at(-1)}]`);
    return {
      kind: 'message',
      conversation,
      id: this.#idOf(`${conversation}\n${from}\n${at}\n${message}`),
      from,
      at,
      text: [message, ...files].filter(Boolean).join('\n'),
      answers,
      mentions: [...message.matchAll(/@([a-z0-9._-]{1,64})/g)].map(([, name]) =>
        (name as string).replace(/[.]+$/, ''),
      ),
      editedAt: edited > 0 ? isoOf(edited, where) : null,
      isDeleted: false,
      reactions: byEmoji(objectsOf(body.reactions)),
    };
  }

  /** Posts have no ids there. Two that are alike to the millisecond are told apart by their order. */
  #idOf(post: string): string {
    const hash = createHash('sha256').update(post).digest('base64url').slice(0, 22);
    const count = (this.#repeated.get(hash) ?? 0) + 1;
    if (count > 1 || this.#repeated.size < waitingMax) this.#repeated.set(hash, count);
    return count === 1 ? hash : `${hash}/${count}`;
  }
}

const roomOf = (row: Row): string => `${textOf(row.team)}/${textOf(row.channel)}`;

const byEmoji = (reactions: Row[]): SourcePost['reactions'] => {
  const people = new Map<string, string[]>();
  for (const { emoji_name: name, user } of reactions) {
    const emoji = emojiOf(textOf(name));
    people.set(emoji, [...(people.get(emoji) ?? []), textOf(user)]);
  }
  return [...people].map(([emoji, from]) => ({ emoji, from }));
};

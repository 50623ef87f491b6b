// WhatsApp's export of one chat: a text file, or the zip with it. Dates are written as that phone writes them, so the file
// is read once to learn how.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileStream, type Line, linesOf } from './lines.ts';
import { BadSource, type FormatOptions, type Source, type SourceItem } from './source.ts';
import { type DateOrder, instantIn, learnOrder, type Stamp, stampOf } from './whatsapp-dates.ts';
import { noticeOf, saidIn } from './whatsapp-words.ts';
import { Zip } from './zip.ts';

export const whatsappFileIn = (names: string[]): string | undefined =>
  names.find((name) => name === '_chat.txt') ?? names.find((name) => /^[^/]*\.txt$/.test(name));

const messageLinesMax = 5_000;
const room = 'chat';

export const whatsappSource = (options: FormatOptions): Source => ({
  // Everything in it has only names, which mean something in this chat.
  namespace: `whatsapp:${options.name}`,
  async *read() {
    const learnt = await learn(options.file);
    yield { kind: 'conversation', id: room, ...learnt.room, name: titleOf(options.name) };
    for (const name of learnt.people) yield { kind: 'person', id: name, name };
    const lines = new Map<string, number>();
    for await (const entry of entriesOf(options.file)) yield* itemsOf(entry, learnt.order, options, lines);
  },
});

const titleOf = (name: string): string =>
  basename(name)
    .replace(/^WhatsApp Chat (with|-) /i, '')
    .replace(/^Đoạn chat WhatsApp với /i, '')
    .replace(/\.(txt|zip)$/, '');

type Entry = { stamp: Stamp; rest: string; number: number };

/** A line with a date and all lines after it that have none. */
async function* entriesOf(file: string): AsyncGenerator<Entry> {
  let entry: Entry | null = null;
  let lines = 0;
  for await (const line of linesIn(file)) {
    const found = stampOf(line.text);
    if (found) {
      if (entry) yield entry;
      entry = { ...found, number: line.number };
      lines = 0;
    } else if (entry) {
      lines += 1;
      if (lines > messageLinesMax)
        throw new BadSource(`line ${line.number}: a message of more than ${messageLinesMax} lines`);
      entry.rest += `\n${line.text}`;
    } else if (line.text.trim() !== '') {
      throw new BadSource(`line ${line.number} does not begin with a date: this is no WhatsApp chat`);
    }
  }
  if (entry) yield entry;
}

async function* linesIn(file: string): AsyncGenerator<Line> {
  if (!file.endsWith('.zip')) {
    yield* linesOf(fileStream(file));
    return;
  }
  const zip = await Zip.open(file);
  try {
    const inside = whatsappFileIn(zip.names);
    if (!inside) throw new BadSource('there is no chat in it (no .txt file)');
    yield* linesOf(await zip.stream(inside));
  } finally {
    zip.close();
  }
}

type Learnt = {
  order: DateOrder;
  people: string[];
  room: { isGroup: boolean; isPublic: boolean; memberIds: string[] };
};

const learn = async (file: string): Promise<Learnt> => {
  const people = new Set<string>();
  const gone = new Set<string>();
  let isGroup = false;
  const order = learnOrder();
  for await (const { stamp, rest } of entriesOf(file)) {
    order.see(stamp);
    const said = saidIn(rest);
    const notice = said ? null : noticeOf(rest);
    if (said) people.add(said.from);
    if (said) gone.delete(said.from);
    if (notice && notice.kind !== 'other') {
      people.add(notice.person);
      if (notice.kind === 'leave') gone.add(notice.person);
      else gone.delete(notice.person);
    }
    isGroup ||= notice?.isOfGroup ?? false;
  }
  if (people.size === 0) throw new BadSource('there is no message in it');
  const memberIds = [...people].filter((name) => !gone.has(name));
  isGroup ||= people.size !== 2;
  return { order: order.order(), people: [...people], room: { isGroup, isPublic: false, memberIds } };
};

function* itemsOf(
  { stamp, rest, number }: Entry,
  order: DateOrder,
  { timeZone }: FormatOptions,
  seen: Map<string, number>,
): Generator<SourceItem> {
  const ms = instantIn(stamp, order, timeZone);
  if (ms === null) throw new BadSource(`line ${number}: there is no such date`);
  const at = new Date(ms).toISOString();
  const said = saidIn(rest);
  if (said) {
    const hash = createHash('sha256')
      .update(`${at}\n${said.from}\n${said.text}`)
      .digest('base64url')
      .slice(0, 22);
    // The same words of the same person in the same minute are told apart by their order.
    if (![...seen.keys()][0]?.startsWith(at)) seen.clear();
    const count = (seen.get(`${at} ${hash}`) ?? 0) + 1;
    seen.set(`${at} ${hash}`, count);
    const { from, text, isDeleted, isEdited } = said;
    const id = count === 1 ? hash : `${hash}/${count}`;
    const told = { conversation: room, id, from, at, text, isDeleted, editedAt: isEdited ? at : null };
    yield { kind: 'message', ...told, answers: null, mentions: [], reactions: [] };
    return;
  }
  const notice = noticeOf(rest);
  if (notice.kind === 'other') yield { kind: 'left_out', reason: "WhatsApp's own notices" };
  else yield { kind: notice.kind, conversation: room, person: notice.person, at };
}

// People of a foreign history: accounts that somebody has named for them, or placeholders, who cannot sign in. A name that is
// taken here is somebody else, until a person at the terminal says otherwise.
import { readFileSync } from 'node:fs';
import { partitionFor } from '../../ports/event-log/partition.ts';
import { makeEvent } from '../../schemas/codec.ts';
import { limits } from '../../schemas/limits.ts';
import type { UserRow } from '../../schemas/rows.ts';
import type { Adapters } from '../adapters.ts';
import { UsageError } from '../arguments.ts';

const batchSize = 500;
const mapLinesMax = 200_000;
const triesMax = 1_000;

/** What a user name may be, out of any name. */
export const usernameOf = (name: string): string => {
  const plain = name
    .normalize('NFC')
    .trim()
    .replace(/[\s@/]+/gu, '_')
    .replace(/\p{C}/gu, '');
  return [...plain].slice(0, limits.usernameLengthMax - 6).join('') || 'nobody';
};

/** `theirs,ours` a line: an id or name there, a user name here. */
export const readPeopleMap = async (
  file: string,
  accounts: Adapters['accounts'],
): Promise<Map<string, string>> => {
  const people = new Map<string, string>();
  const lines = readFileSync(file, 'utf8')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  if (lines.length > mapLinesMax) throw new UsageError(`${file} has more than ${mapLinesMax} lines.`);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (index === 0 && line.trim() === 'theirs,ours')) continue;
    const cells = /^\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*,\s*"?([^,"]+?)"?\s*$/.exec(line);
    if (!cells) throw new UsageError(`${file}: line ${index + 1} is not "theirs,ours".`);
    const theirs = (cells[1]?.replaceAll('""', '"') ?? cells[2] ?? '').trim();
    const account = await accounts.byUsername((cells[3] as string).normalize('NFC'));
    if (!account) throw new UsageError(`${file}: line ${index + 1}: nobody here is called "${cells[3]}".`);
    people.set(theirs, account.user.id);
  }
  return people;
};

export type Stranger = { id: string; name: string; profilePicUrl?: string | null; createdAt?: string };

/** Sees that everybody exists. People with these ids who do already stay as they are. */
export const ensurePlaceholders = async (
  adapters: Pick<Adapters, 'accounts' | 'log' | 'topics'>,
  strangers: Stranger[],
  progress: (done: number, total: number) => void,
): Promise<void> => {
  const { accounts } = adapters;
  for (let from = 0; from < strangers.length; from += batchSize) {
    const missing: Stranger[] = [];
    for (const one of strangers.slice(from, from + batchSize))
      if (!(await accounts.byId(one.id))) missing.push(one);
    await createAll(adapters, missing);
    await publishOutbox(adapters);
    progress(Math.min(from + batchSize, strangers.length), strangers.length);
  }
  await publishOutbox(adapters);
};

/** Under the name of each, or, where that is taken, with a number behind it. */
const createAll = async ({ accounts }: Pick<Adapters, 'accounts'>, strangers: Stranger[]): Promise<void> => {
  let left = strangers;
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > triesMax) throw new UsageError(`There are too many people called "${left[0]?.name}" here.`);
    const now = new Date().toISOString();
    const rows = left.map((one) => rowOf(one, attempt, now));
    // Two of one name in one batch: the first has it.
    const byName = new Map(rows.map((row) => [row.username, row]).reverse() as [string, UserRow][]);
    const ids = await accounts.createPlaceholders([...byName.values()], (user) =>
      JSON.stringify(registered(user, now)),
    );
    left = left.filter((one, i) => ids.get(rows[i]?.username as string) !== one.id);
  }
};

const rowOf = (one: Stranger, attempt: number, now: string): UserRow => ({
  id: one.id,
  username: attempt === 1 ? usernameOf(one.name) : `${usernameOf(one.name)}~${attempt}`,
  profilePicUrl: one.profilePicUrl ?? null,
  kind: 'placeholder',
  createdAt: one.createdAt ?? now,
  rev: 1,
});

const registered = (user: UserRow, time: string) =>
  makeEvent({ type: 'user.registered', id: user.id, subject: user.id, actor: null, time, data: { user } });

/** What the outbox holds goes to the log here, so that an import needs no gateway. */
export const publishOutbox = async ({
  accounts,
  log,
  topics,
}: Pick<Adapters, 'accounts' | 'log' | 'topics'>): Promise<void> => {
  const partitions = topics.find(({ name }) => name === 'chat.users')?.partitions ?? 1;
  for (;;) {
    const entries = await accounts.outbox(batchSize);
    if (entries.length === 0) return;
    await log.append(
      'chat.users',
      entries.map(({ key, value }) => ({
        partition: partitionFor(key, partitions),
        key,
        value: Buffer.from(value),
      })),
    );
    await accounts.outboxDone(entries.map(({ id }) => id));
  }
};

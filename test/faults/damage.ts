// Damages what projections keep, behind the product's back: the same seed, the same damage.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Random } from '../client/random.ts';

type Value = string | number | null;
type Row = Record<string, Value>;
export type RunSql = (text: string, values?: Value[]) => Promise<Row[]>;

/** Key columns of history's tables, and one that is easily forged. */
const tables: Record<string, { key: string[]; forged: string }> = {
  users: { key: ['id'], forged: 'kind' },
  conversations: { key: ['id'], forged: 'name' },
  conversation_users: { key: ['conversation_id', 'user_id'], forged: 'is_admin' },
  mentions: { key: ['conversation_id', 'user_id', 'position', 'written'], forged: '' },
  reactions: { key: ['message_id', 'user_id', 'emoji'], forged: 'active' },
  pins: { key: ['message_id'], forged: 'active' },
  previews: { key: ['message_id', 'id'], forged: 'active' },
  read_marks: { key: ['conversation_id', 'user_id'], forged: 'position' },
  conversation_activity: { key: ['conversation_id'], forged: 'member_count' },
  message_versions: { key: ['message_id', 'rev'], forged: 'content' },
  reaction_versions: { key: ['message_id', 'user_id', 'emoji', 'rev'], forged: 'active' },
  member_versions: { key: ['conversation_id', 'user_id', 'rev'], forged: 'is_admin' },
  conversation_versions: { key: ['conversation_id', 'rev'], forged: 'name' },
  message_days: { key: ['conversation_id', 'sent_on'], forged: 'last_position' },
  messages: { key: ['conversation_id', 'position'], forged: 'content' },
};

/** Every row of every table. */
export const digestOf = async (run: RunSql): Promise<string> => {
  const hash = createHash('sha256');
  for (const [table, { key }] of Object.entries(tables))
    for (const row of await run(`SELECT * FROM ${table} ORDER BY ${key.join(', ')}`))
      hash.update(JSON.stringify([table, ...Object.entries(row)]));
  return hash.digest('hex');
};

/** `count` rows changed, deleted or invented, as `kind table key`: a third of each small table, the rest messages. */
export const damageRows = async (run: RunSql, random: Random, count: number): Promise<string[]> => {
  const damaged: string[] = [];
  for (const [table, { key, forged }] of Object.entries(tables)) {
    const rows = await run(`SELECT * FROM ${table} ORDER BY ${key.join(', ')}`);
    const wanted = table === 'messages' ? count - damaged.length : Math.ceil(rows.length / 3);
    for (let n = 0; n < wanted && rows.length > 0; n += 1) {
      const [row] = rows.splice(random.below(rows.length), 1) as [Row];
      const kinds = ['missing', 'extra', ...(forged ? ['different'] : [])] as const;
      damaged.push(await damageOne(run, random, { table, key, forged, row, kind: random.one(kinds) }));
    }
  }
  return damaged.sort();
};

type Damage = { table: string; key: string[]; forged: string; row: Row; kind: string };

const damageOne = async (run: RunSql, random: Random, damage: Damage): Promise<string> => {
  const { table, key, forged, row, kind } = damage;
  const keyOf = (of: Row) => key.map((column) => of[column] as Value);
  const where = key.map((column) => `${column} = ?`).join(' AND ');
  const named = (of: Row) => `${kind} ${table} ${keyOf(of).join(' ')}`;
  if (kind === 'missing') await run(`DELETE FROM ${table} WHERE ${where}`, keyOf(row));
  if (kind === 'different') {
    const value = row[forged];
    const other = typeof value === 'number' ? value + 1 : `forged${random.below(1e9)}`;
    await run(`UPDATE ${table} SET ${forged} = ? WHERE ${where}`, [other, ...keyOf(row)]);
  }
  if (kind !== 'extra') return named(row);
  // Of somebody who does not exist.
  const invented: Row = { ...row, ...(table === 'messages' ? { id: uuid(random) } : {}) };
  invented[key[0] as string] = uuid(random);
  const columns = Object.keys(invented);
  const marks = columns.map(() => '?').join(', ');
  await run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`, Object.values(invented));
  return named(invented);
};

const uuid = (random: Random): string => {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

const rowsKey = 'chatvui:presence:rows';
const activeKey = 'chatvui:presence:active';

/** Of the view: half of it changed or deleted, and some invented. `digest`: of what was there before. */
export const damagePresence = async (
  redis: Redis,
  random: Random,
  only?: 'look',
): Promise<{ damaged: string[]; digest: string }> => {
  const rows = Object.entries(await redis.hgetall(rowsKey)).sort();
  const active = (await redis.zrange(activeKey, '0', '-1')).sort();
  const digest = createHash('sha256')
    .update(JSON.stringify([rows, active]))
    .digest('hex');
  const damaged: string[] = [];
  if (only === 'look') return { damaged, digest };
  const hurt = (kind: string, userId: string) => damaged.push(`${kind} the view in Redis ${userId}`);
  for (const [userId, kept] of rows.slice(0, Math.ceil(rows.length / 2))) {
    const kind = random.below(4);
    if (kind === 0) {
      await redis.hdel(rowsKey, userId);
      await redis.zrem(activeKey, userId);
    }
    if (kind === 1)
      await redis.hset(
        rowsKey,
        userId,
        kept.replace(/^\d+/, (place) => String(Number(place) + 1_000)),
      );
    if (kind === 2) await redis.hset(rowsKey, userId, 'no row');
    if (kind === 3) {
      if (active.includes(userId)) await redis.zrem(activeKey, userId);
      else await redis.zadd(activeKey, 0, userId);
    }
    hurt(kind === 0 ? 'missing' : 'different', userId);
  }
  const [first] = rows;
  for (let i = 0; i < 4; i += 1) {
    const stranger = uuid(random);
    if (i < 2 && first) await redis.hset(rowsKey, stranger, String(first[1]).replace(first[0], stranger));
    else await redis.zadd(activeKey, 0, stranger);
    hurt('extra', stranger);
  }
  return { damaged: damaged.sort(), digest };
};

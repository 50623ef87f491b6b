// How fast does what was said become findable, and how fast is it found? On the history of CHATVUI_IMPORT_FILE, or a made-up
// one, beside what the same index takes when nothing else is done.
import { historyFile, importAs } from './import.ts';
import { Index } from './lib/index.ts';
import { call, type Person } from './lib/peer.ts';
import { cpuMs, perThousand, type Row } from './lib/stats.ts';
import type { Target } from './lib/target.ts';
import { floorOf, readTexts } from './search-floor.ts';
import { freshness } from './search-freshness.ts';
import { latency } from './search-queries.ts';

const password = 'a long enough password';

export const searching = async (target: Target, seconds: number): Promise<Row[]> => {
  const file = await historyFile();
  const texts = await readTexts(file);
  const username = `searcher-${crypto.randomUUID().slice(0, 8)}`;
  await call(target.url, 'POST', '/users', undefined, { username, password });
  const { count } = await importAs(target, username, file);
  const index = new Index(target);
  const rows = [await indexing(target, index, count)];
  rows.push(await floorOf(target, texts));
  const { accessToken, user } = await call<{ accessToken: string; user: { id: string } }>(
    target.url,
    'POST',
    '/sessions',
    undefined,
    { username, password },
  );
  const searcher: Person = { id: user.id, username, token: accessToken };
  rows.push(...(await latency(target, searcher, texts)));
  rows.push(await freshness(target, seconds));
  await index.close();
  return rows;
};

/** From an empty index, everything else caught up, until the last message can be found. */
const indexing = async (target: Target, index: Index, count: number): Promise<Row> => {
  await index.until(count);
  await target.stopProduct();
  await index.clear();
  await target.startProduct();
  const first = await index.until(1);
  const began = performance.now();
  const before = Object.fromEntries(Object.entries(target.pids).map(([name, pid]) => [name, cpuMs(pid)]));
  await index.until(count);
  const took = (performance.now() - began) / 1000;
  const cpu = Object.fromEntries(
    Object.entries(target.pids).map(([name, pid]) => [name, cpuMs(pid) - (before[name] ?? 0)]),
  );
  const bytes = await index.bytes();
  return {
    what: `${target.name}: ${count.toLocaleString('en-US')} messages out of the log into an empty index`,
    perSecond: (count - first) / took,
    cpu: perThousand(cpu, count - first),
    note: `index ${(bytes / 1e6).toFixed(0)} MB, ${Math.round(bytes / count)} bytes a message`,
  };
};

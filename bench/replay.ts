// How fast is each projection made anew from an imported history, beside the bare reading of the same topics?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lookAtLog } from '../app/adapters.ts';
import { loadConfig } from '../app/config.ts';
import { stretchesOf } from '../app/log-scan.ts';
import { loggerOf } from '../app/process.ts';
import type { LogLook } from '../ports/event-log/embedded-look.ts';
import { importing } from './import.ts';
import type { Row } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

const projections = ['history', 'search', 'analytics'] as const;
const topics = ['chat.users', 'chat.conversations'];

export const replaying = async (target: Target): Promise<Row[]> => {
  await importing(target);
  const rows: Row[] = [await floor(target)];
  for (const name of projections) {
    if (name === 'search' && target.name === 'real' && !target.env.ELASTICSEARCH_URL) continue;
    const said = await replay(target, 'rebuild', name, '--rate', 'max', '--accept', '--json');
    await replay(target, 'drop-old', name);
    const line = said.split('\n').find((each) => each.includes('"followedSeconds"')) ?? '{}';
    const { events, followedSeconds, seconds } = JSON.parse(line) as Record<string, number>;
    rows.push({
      what: `${target.name}: ${name} made anew from ${(events ?? 0).toLocaleString('en-US')} events`,
      perSecond: (events ?? 0) / (followedSeconds ?? Number.NaN),
      note: `${seconds?.toFixed(1)} s with comparing and switching`,
    });
  }
  return rows;
};

const replay = async (target: Target, ...args: string[]): Promise<string> => {
  const child = spawn(process.execPath, ['dist/main.js', 'replay', ...args], {
    env: target.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`replay ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
};

/** Every record of the topics, looked at by nobody. */
const floor = async (target: Target): Promise<Row> => {
  const loaded = loadConfig(target.env);
  if (loaded.kind === 'invalid') throw new Error('the configuration of the bench is wrong');
  const log = await lookAtLog(loaded.config, loggerOf({ ...loaded.config, logLevel: 'silent' }));
  try {
    const stretches = await stretchesOf(log, topics);
    const began = performance.now();
    const count = await readAll(log, stretches);
    return {
      what: `${target.name}: the floor, bare reading of the same topics`,
      perSecond: (count * 1_000) / (performance.now() - began),
      note: '',
    };
  } finally {
    await log.close();
  }
};

const readAll = async (log: LogLook, stretches: Awaited<ReturnType<typeof stretchesOf>>): Promise<number> => {
  const ends = new Map(stretches.map(({ topic, partition, to }) => [`${topic}/${partition}`, to]));
  let open = stretches.filter(({ from, to }) => from < to).length;
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    const tail = log.tail({
      topics: topics.map((name) => ({ name, from: 'beginning' as const })),
      onBatch: ({ topic, partition, records }) => {
        count += records.length;
        const last = records.at(-1)?.offset ?? 0;
        if (last + 1 < (ends.get(`${topic}/${partition}`) ?? 0)) return;
        open -= 1;
        if (open === 0) resolve();
      },
      onFailure: reject,
    });
    tail.catch(reject);
  });
  return count;
};

// `npm run bench -- [delivery] [append] [fanout] [resync] [idle] [import] [search] [notify] [media] [replay] [web] [soak] [--only embedded|real] [--seconds N] [--seed N]`
// `soak` runs only when it is named, 600 seconds when nothing else is said.
// Every row of one run on one machine: the product embedded and on the real servers, beside the floor.
import { readFileSync } from 'node:fs';
import { versions } from '../stack/versions.ts';
import { appendEmbedded, appendReal } from './append.ts';
import { delivery } from './delivery.ts';
import { echo } from './echo.ts';
import { fanout } from './fanout.ts';
import { idle } from './idle.ts';
import { importing } from './import.ts';
import { printMachine, printTable, type Row } from './lib/stats.ts';
import { openEmbedded, openReal, type Target } from './lib/target.ts';
import { media } from './media.ts';
import { notifying } from './notify.ts';
import { replaying } from './replay.ts';
import { resync } from './resync.ts';
import { searching } from './search.ts';
import { soaking } from './soak.ts';
import { web } from './web.ts';

const questions = [
  'delivery',
  'fanout',
  'resync',
  'idle',
  'import',
  'replay',
  'web',
  'soak',
  'append',
  'search',
  'notify',
  'media',
] as const;
type Question = (typeof questions)[number];

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const only = option('only');
const soakSeconds = 600;
const seconds = Number(option('seconds') ?? 8);
const named = questions.filter((question) => process.argv.includes(question));
const asked: readonly Question[] =
  named.length > 0 ? named : questions.filter((question) => question !== 'soak');

const ask: Record<Question, (target: Target) => Promise<Row[]>> = {
  append: async (target) => {
    if (target.name === 'embedded') return appendEmbedded(seconds);
    // Its records are no events: what reads the topic must be gone, and nothing else may be asked afterwards.
    await target.stopProduct();
    return appendReal((target.env.KAFKA_BROKERS ?? '').split(','), seconds);
  },
  delivery: (target) => delivery(target, seconds),
  fanout: (target) => fanout(target, seconds),
  resync,
  idle,
  import: importing,
  notify: (target) => notifying(target, seconds),
  search: (target) => searching(target, seconds),
  media,
  replay: replaying,
  web,
  soak: (target) => soaking(target, Number(option('seconds') ?? soakSeconds), Number(option('seed') ?? 1)),
};

const run = async (target: Target, mine: Question[], results: Map<Question, Row[]>): Promise<void> => {
  try {
    for (const question of mine) {
      process.stderr.write(`${target.name}: ${question}...\n`);
      const rows = await ask[question](target);
      results.set(question, [...(results.get(question) ?? []), ...rows]);
    }
  } finally {
    await target.close();
  }
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
printMachine({ ChatVui: version, ...versions });
const results = new Map<Question, Row[]>();
if (asked.includes('append') || asked.includes('delivery')) results.set('append', await echo(seconds));
// With Elasticsearch beside them the other questions would have other answers.
const needsAll = (question: Question) =>
  question === 'search' || question === 'replay' || question === 'notify' || question === 'media';
const others = asked.filter((question) => !needsAll(question));
if (only !== 'real') await run(await openEmbedded(), [...asked], results);
if (only !== 'embedded') {
  if (others.length > 0) await run(await openReal(), others, results);
  // Each on an empty log: what is in it is counted.
  for (const question of asked.filter(needsAll))
    await run(await openReal({ all: true }), [question], results);
}
for (const [question, rows] of results)
  printTable(question === 'append' ? 'append (the floor)' : question, rows);
process.exit(0);

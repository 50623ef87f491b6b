// `chatvui doctor`: reaches every server and says what is wrong and how to mend it. Changes nothing but what a start
// would make too (topics, tables).
import { Overview, type ServerSource } from '../gateway/operations/overview.ts';
import { reasonOf } from '../ports/errors.ts';
import { browserProblem } from '../ports/media/s3-browsers.ts';
import type { OperationsProblem } from '../schemas/operations.ts';
import { type Adapters, openAdapters } from './adapters.ts';
import { type Config, describeConfig } from './config.ts';
import { diskRoom, projectionSources, serverSources } from './operations-sources.ts';
import { loggerOf } from './process.ts';
import { harmless } from './terminal.ts';
import { productVersion } from './version.ts';

const patienceMs = 15_000;

type Finding = { name: string; problem: string | null };

export const doctor = async (config: Config): Promise<void> => {
  console.log('Configuration in effect:');
  for (const [name, value] of Object.entries(describeConfig(config))) console.log(`  ${name}=${value}`);
  const findings = await examine(config);
  for (const { name, problem } of findings) {
    console.log(problem === null ? `ok    ${name}` : `WRONG ${name}: ${problem}`);
  }
  const wrong = findings.filter(({ problem }) => problem !== null).length;
  console.log(wrong === 0 ? 'Everything answers.' : `${wrong} of ${findings.length} do not work.`);
  process.exit(wrong === 0 ? 0 : 1);
};

const examine = async (config: Config): Promise<Finding[]> => {
  const logger = loggerOf({ ...config, logLevel: 'silent' });
  let adapters: Adapters;
  try {
    adapters = await within(openAdapters(config, logger), 'no answer');
  } catch (error) {
    return [{ name: 'opening the servers', problem: `${reasonOf(error)}. ${hintFor(config)}` }];
  }
  const { log, topics, history, accounts, presence, search, analytics, media, mail, previews } = adapters;
  const asked = (name: string, check: () => Promise<unknown>) => ({ name, needed: true, check });
  const sources = serverSources(config, adapters, [
    asked('log', () => log.describeTopics(topics.map(({ name }) => name))),
    asked('history', () => history.ping()),
    asked('accounts', () => accounts.ping()),
    asked('presence', () => presence.ping()),
    asked('analytics', () => analytics.ping()),
    asked('media', () => Promise.all([media.records.ping(), media.blobs.ping()])),
    asked('notifications', () => adapters.notifications.ping()),
    asked('webhooks', () => adapters.webhooks.ping()),
    asked('mail', () => mail.ping()),
    ...(previews ? [asked('previews', () => previews.ping())] : []),
    ...(search ? [asked('search', () => search.ping())] : []),
  ]);
  const findings: Finding[] = [];
  for (const source of sources) findings.push(await findingOf(source));
  findings.push(...(await browserFindings(config)), ...(await projectionFindings(config, adapters)));
  await adapters.close();
  return findings;
};

const findingOf = async ({ name, kind, check, version }: ServerSource): Promise<Finding> => {
  try {
    await within(check(), 'no answer');
  } catch (error) {
    return { name: `${name} (${kind})`, problem: reasonOf(error) };
  }
  // A server that works and does not say which it is, works.
  const told = version ? await within(version(), 'no answer').catch(() => '') : '';
  return { name: `${name} (${[kind, harmless(told)].filter(Boolean).join(' ')})`, problem: null };
};

/** Only where large files go straight to the store, and it is known from where. */
const browserFindings = async ({ s3, server }: Config): Promise<Finding[]> => {
  if (!s3?.publicUrl || !server.publicUrl) return [];
  const problem = await browserProblem({ publicUrl: s3.publicUrl, bucket: s3.bucket }, server.publicUrl);
  return [{ name: 'large files from browsers', problem }];
};

/** A doctor may come while nothing runs, so only what is wrong either way is said. */
const projectionFindings = async (config: Config, adapters: Adapters): Promise<Finding[]> => {
  const { operations, log } = adapters;
  const projections = projectionSources(adapters);
  const shared = { operations, log, projections, servers: [], version: productVersion };
  const overview = new Overview({ ...shared, disk: diskRoom(config) });
  try {
    const { problems } = await within(overview.look(), 'no answer');
    const found = problems.flatMap(({ code, subject, detail }) => {
      const remedy = remedies[code];
      return remedy ? [{ name: subject, problem: `${detail ?? code}. ${remedy}` }] : [];
    });
    return found.length > 0 ? found : [{ name: 'projections', problem: null }];
  } catch (error) {
    return [{ name: 'projections', problem: reasonOf(error) }];
  }
};

const remedies: Partial<Record<OperationsProblem['code'], string>> = {
  partition_stopped:
    'Look into it: chatvui dead-letters show PLACE; give it up: chatvui dead-letters skip PLACE',
  projection_behind: 'So many events are not applied yet. Start (another) chatvui consume for it',
  disk_low: 'Make room where DATA_DIR lies: these bytes are left',
};

const hintFor = ({ stack, dataDir }: Config): string =>
  stack.kind === 'embedded'
    ? `Is ${dataDir} writable, and is no other ChatVui using it?`
    : 'Are the servers of KAFKA_BROKERS, MYSQL_URL and REDIS_URL running, and reachable from here?';

const within = async <T>(work: Promise<T>, message: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${patienceMs / 1000} s`)), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

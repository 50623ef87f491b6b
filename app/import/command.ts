// `chatvui import`: what the person at the terminal sees of it.
import { basename, resolve } from 'node:path';
import { Registry } from 'prom-client';
import { reasonOf } from '../../ports/errors.ts';
import { type Adapters, openAdapters } from '../adapters.ts';
import { timeZoneOf, UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { loggerOf, type Running } from '../process.ts';
import { Progress } from '../progress.ts';
import { detectFormat, type FormatName, foreignFormats, formatNames } from './detect.ts';
import { importForeign } from './foreign.ts';
import { BadSource, type Source } from './formats/source.ts';
import { HistoryHelp } from './history-help.ts';
import { BadLine, readJsonl } from './jsonl.ts';
import { importOwn } from './own.ts';
import { surveyOwn } from './own-file.ts';
import { readPeopleMap } from './people.ts';
import { planImport } from './plan.ts';
import { runImport } from './run.ts';
import { describeSurvey, survey } from './survey.ts';

export type ImportOptions = {
  as?: string;
  format?: string;
  name?: string;
  map?: string;
  timeZone?: string;
  dryRun?: boolean;
};

type Work = {
  config: Config;
  file: string;
  options: ImportOptions;
  format: FormatName;
  /** What the history is called. */
  name: string;
  progress: Progress;
};

export const importCommand = async (config: Config, file: string, options: ImportOptions): Promise<void> => {
  const progress = new Progress();
  try {
    const format = options.format === undefined ? await detectFormat(file) : formatOf(options.format);
    const name =
      options.name ??
      basename(file)
        .replace(/\.(gz|zip)$/, '')
        .replace(/\.(jsonl|txt)$/, '');
    const work = { config, file: resolve(file), options, format, name, progress };
    if (options.dryRun) await showOnly(work);
    else await bringIn(work);
  } catch (error) {
    progress.stop();
    const isOfFile = error instanceof BadLine || error instanceof BadSource;
    console.error(
      `The import did not finish: ${isOfFile ? `${file}: ${error.message}. What is wrong was not imported.` : reasonOf(error)}`,
    );
    // Whatever still runs has nothing left to do.
    process.exit(error instanceof UsageError ? 2 : 1);
  }
};

const formatOf = (text: string): FormatName => {
  const format = formatNames.find((one) => one === text);
  if (!format) throw new UsageError(`There is no format "${text}". There are: ${formatNames.join(', ')}.`);
  return format;
};

const sourceOf = ({ file, name, options, format }: Work): Source | null =>
  format === 'jsonl' || format === 'chatvui'
    ? null
    : foreignFormats[format]({ file, name, timeZone: timeZoneOf('--time-zone', options.timeZone) });

/** `--dry-run`: reads all of it and writes nothing. */
const showOnly = async (work: Work): Promise<void> => {
  const { file, format, progress } = work;
  const source = sourceOf(work);
  const reading = (count: number) => progress.show('reading', count, count);
  const lines: string[] = [];
  if (source) {
    lines.push(...describeSurvey(await survey(source, reading)));
  } else if (format === 'chatvui') {
    const { people, conversationIds, messages, events } = await surveyOwn(file, reading);
    lines.push(
      `${people.size} people`,
      `${conversationIds.size} conversations`,
      `${messages} messages`,
      `${events} events`,
    );
  } else {
    const { names, total } = await planImport('', readJsonl(file));
    lines.push(`${names.length} people`, '1 conversation', `${total} messages`);
  }
  progress.stop();
  console.log(
    `${file} (${format}) holds:\n${lines.map((line) => `  ${line}`).join('\n')}\nNothing was imported.`,
  );
};

const bringIn = async (work: Work): Promise<void> => {
  const { config, options, progress } = work;
  const logger = loggerOf({ ...config, logLevel: 'warn' });
  const adapters = await openAdapters(config, logger);
  const running: Running = {
    config,
    adapters,
    logger,
    registry: new Registry(),
    listening: { url: null },
    onFailure: (error) => {
      console.error(`The import did not finish: ${reasonOf(error)}`);
      process.exit(1);
    },
  };
  const history = new HistoryHelp(running);
  const began = performance.now();
  const actorId = await actorOf(work, adapters);
  const map = options.map ? await readPeopleMap(options.map, adapters.accounts) : new Map<string, string>();
  if (config.stack.kind === 'embedded') await history.help();
  await history.caughtUp(() => undefined);
  const { said, written } = await played(work, adapters, actorId, map);
  await history.caughtUp((done, total) => progress.show('history', done, total));
  progress.stop();
  const seconds = (performance.now() - began) / 1000;
  const rate = `${seconds.toFixed(1)} s, ${Math.round(written / seconds)}/s`;
  console.log(said.replace('{rate}', rate));
  await history.stop();
  await adapters.close();
};

const played = async (
  work: Work,
  adapters: Adapters,
  actorId: string | null,
  map: ReadonlyMap<string, string>,
): Promise<{ said: string; written: number }> => {
  const { file, name, format } = work;
  const progress = (step: string, done: number, total: number) => work.progress.show(step, done, total);
  const source = sourceOf(work);
  if (source) {
    const {
      survey: found,
      written,
      leftOut,
    } = await importForeign({ adapters, source, actorId, map, progress });
    const lines = describeSurvey({ ...found, leftOut });
    return {
      written,
      said: `In history are now:\n  ${lines.join('\n  ')}\n${written} messages of them were new ({rate}).`,
    };
  }
  if (format === 'chatvui') {
    const { found, written } = await importOwn({ adapters, file, map, progress });
    const said = `${found.messages} messages in ${found.conversationIds.size} conversations of ${found.people.size} people are in history; ${written} of ${found.events} events were new ({rate}).`;
    return { written, said };
  }
  const read = () => readJsonl(file);
  const imported = await runImport({ adapters, actorId: actorId as string, source: name, read, progress });
  const { total, people, written, groupId } = imported;
  const said = `${total} messages of ${people} people are in history; ${written} of them were new ({rate}). Group ${groupId}`;
  return { written, said };
};

/** Null: nobody is named, and nobody needs to be. */
const actorOf = async (
  { config, options, format }: Work,
  { accounts }: Pick<Adapters, 'accounts'>,
): Promise<string | null> => {
  if (options.as === undefined) {
    if (format === 'jsonl')
      throw new UsageError('--as wants the user name of whoever imports: the admin of the group.');
    return null;
  }
  const account = await accounts.byUsername(options.as.normalize('NFC'));
  if (account) return account.user.id;
  throw new UsageError(
    `Nobody here is called "${options.as}". Sign up in the browser first, then import again${config.stack.kind === 'embedded' ? ' with the server stopped' : ''}.`,
  );
};

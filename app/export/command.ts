// `chatvui export`: a conversation, a person's data or everything, for programs or for people. It only looks, so it may run
// beside a server.
import { resolve } from 'node:path';
import { factsOf } from '../../gateway/auth/facts.ts';
import type { Account, AccountStore, Accounts } from '../../ports/accounts/port.ts';
import { reasonOf } from '../../ports/errors.ts';
import type { LogLook } from '../../ports/event-log/embedded-look.ts';
import { isId } from '../../schemas/values.ts';
import { lookAtLog, openAccounts } from '../adapters.ts';
import { idOf, timeOf, timeZoneOf, UsageError } from '../arguments.ts';
import type { Config } from '../config.ts';
import { loggerOf } from '../process.ts';
import { Progress } from '../progress.ts';
import { csvTelling, personCsvTelling } from './csv.ts';
import { emptyDirectory, tellEach } from './directory.ts';
import { writeEvents } from './events.ts';
import { htmlTelling } from './html.ts';
import { markdownTelling } from './markdown.ts';
import { fileOutput, type Output, standardOutput } from './output.ts';
import { readableFactsOf } from './person.ts';
import { always, type Between, type Scope } from './scope.ts';
import { scratchHistory } from './scratch.ts';
import { timesIn } from './times.ts';
import { type Telling, type TellOptions, tell } from './told.ts';

export type ExportOptions = {
  conversation?: string;
  user?: string;
  all?: boolean;
  format: string;
  out?: string;
  directory?: string;
  force?: boolean;
  since?: string;
  until?: string;
  timeZone?: string;
};

const formats = ['jsonl', 'html', 'md', 'csv'] as const;
type Format = (typeof formats)[number];

type Work = {
  log: LogLook;
  accounts: AccountStore | null;
  scope: Scope;
  person: Account | null;
  between: Between;
  zone: string;
  now: string;
  progress: Progress;
};

export const exportCommand = async (config: Config, options: ExportOptions): Promise<void> => {
  const opened: { close(): Promise<void> }[] = [];
  const progress = new Progress();
  let output: Output | undefined;
  try {
    const format = formatOf(options.format);
    const between = betweenOf(options);
    const zone = timeZoneOf('--time-zone', options.timeZone);
    const log = await lookAtLog(config, loggerOf({ ...config, logLevel: 'silent' }));
    opened.push(log);
    const accounts = options.user === undefined ? null : await openAccounts(config);
    if (accounts) opened.push(accounts);
    const person = accounts ? await personOf(accounts, options.user as string) : null;
    const scope = scopeOf(options, person);
    const now = new Date().toISOString();
    const work: Work = { log, accounts, scope, person, between, zone, now, progress };
    const force = options.force ?? false;
    const { out, directory } = options;
    let said: string;
    if (directory === undefined) {
      output = out ? fileOutput(resolve(out), force) : standardOutput();
      said = format === 'jsonl' ? await asEvents(work, output) : await asText(work, format, output);
      await output.done();
    } else {
      if (format === 'jsonl' || out !== undefined)
        throw new UsageError('--directory is for html, md and csv, and goes without --out.');
      emptyDirectory(resolve(directory), force);
      said = await asFolder(work, format, { directory: resolve(directory), ending: format, force });
    }
    progress.stop();
    const where = directory ?? out;
    console.error(`${said}${where ? ` in ${where}` : ''}`);
  } catch (error) {
    progress.stop();
    output?.abandon();
    console.error(`Nothing was exported: ${reasonOf(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } finally {
    for (const one of opened.reverse()) await one.close().catch(() => undefined);
  }
};

const asEvents = async (work: Work, output: Output): Promise<string> => {
  const { accounts, person, progress } = work;
  const facts = accounts && person ? await factsOf(accounts, person, work.now) : [];
  const { events, sha256 } = await writeEvents({
    ...work,
    facts,
    write: (text) => output.write(text),
    progress: (...shown) => progress.show(...shown),
  });
  return `${events} events, SHA-256 ${sha256},`;
};

type TextFormat = Exclude<Format, 'jsonl'>;

const asText = (work: Work, format: TextFormat, output: Output): Promise<string> =>
  telling(work, async (options) => {
    const { messages } = await tell(tellingOf(format, work.zone, work.person !== null), {
      ...options,
      title: work.person ? work.person.user.username : 'ChatVui',
      write: (text) => output.write(text),
    });
    return `${messages} messages`;
  });

const asFolder = (work: Work, format: TextFormat, place: Parameters<typeof tellEach>[2]): Promise<string> =>
  telling(work, async (options) => {
    const kind = tellingOf(format, work.zone, work.person !== null);
    const { messages, documents } = await tellEach(kind, options, place);
    return `${messages} messages of ${documents} conversations`;
  });

/** With a history to tell from, made for this and thrown away. */
const telling = async (
  work: Work,
  write: (options: Omit<TellOptions, 'write' | 'title'>) => Promise<string>,
): Promise<string> => {
  const { log, accounts, person, scope, between, progress } = work;
  const shown = (...step: [string, number, number]) => progress.show(...step);
  // A person's answers need the names of others.
  const scratch = await scratchHistory(log, scope.kind === 'user' ? { kind: 'all' } : scope, shown);
  try {
    if (scope.kind === 'conversation' && scratch.conversationIds.length === 0)
      throw new UsageError(`There is no conversation ${scope.id} in this log.`);
    const facts: [string, string][] =
      accounts && person ? await readableFactsOf(accounts, person, work.now) : [];
    return await write({
      reader: scratch.reader,
      conversationIds: scratch.conversationIds,
      between,
      onlyOf: scope.kind === 'user' ? scope.id : null,
      facts: [['Exported', work.now], ...facts],
      progress: shown,
    });
  } finally {
    await scratch.close();
  }
};

const tellingOf = (format: TextFormat, zone: string, isPerson: boolean): Telling => {
  const time = timesIn(zone);
  if (format === 'html') return htmlTelling(time, zone);
  if (format === 'md') return markdownTelling(time, zone);
  return isPerson ? personCsvTelling(time) : csvTelling(time);
};

const formatOf = (text: string): Format => {
  const format = formats.find((one) => one === text);
  if (!format) throw new UsageError(`There is no format "${text}". There are: ${formats.join(', ')}.`);
  return format;
};

const betweenOf = ({ since, until }: ExportOptions): Between => ({
  sinceMs: timeOf('--since', since) ?? always.sinceMs,
  untilMs: timeOf('--until', until) ?? always.untilMs,
});

const scopeOf = ({ conversation, user, all }: ExportOptions, person: Account | null): Scope => {
  const named = [conversation, user, all].filter((one) => one !== undefined && one !== false);
  if (named.length !== 1) throw new UsageError('Name one of --conversation, --user and --all.');
  if (conversation !== undefined) return { kind: 'conversation', id: idOf('--conversation', conversation) };
  return person ? { kind: 'user', id: person.user.id } : { kind: 'all' };
};

const personOf = async (accounts: Accounts, text: string): Promise<Account> => {
  const looksLikeAnId: boolean = isId(text);
  const found = looksLikeAnId
    ? await accounts.byId(text.toLowerCase())
    : await accounts.byUsername(text.normalize('NFC'));
  if (!found) throw new UsageError(`Nobody here is called "${text}".`);
  return found;
};

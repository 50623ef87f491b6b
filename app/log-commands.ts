// The commands that read the log out and write one in: each is an idea in a folder of its own.
import type { Command } from 'commander';
import type { ExportOptions } from './export/command.ts';
import type { ImportOptions } from './import/command.ts';
import { configOrExit } from './process.ts';
import { addReplayCommands } from './replay/cli.ts';

export const addLogCommands = (program: Command): void => {
  program
    .command('cat')
    .argument('[topic]', 'conversations, users, presence, signals or notifications; all when left out')
    .option('--partition <number>', 'of the topic')
    .option('--from <offset>', 'first offset, in every partition shown')
    .option('--type <type...>', 'such as message.sent, or member.*')
    .option('--conversation <id>', 'what belongs to this conversation')
    .option('--user <id or name>', 'what this person did or was done to')
    .option('--since <time>', 'RFC 3339, a date, or how long ago: 90s, 30m, 12h, 7d')
    .option('--until <time>', 'the same')
    .option('--limit <count>', 'stop after so many')
    .option('--follow', 'go on with what comes')
    .option('--json', 'JSON lines, as a pipe gets them, on the terminal too')
    .description('show the events of the log; may run beside a server')
    .action(async (topic: string | undefined, options: object) =>
      (await import('./cat/command.ts')).catCommand(configOrExit(), topic, options),
    );

  program
    .command('stats')
    .option('--conversation <id>', 'of one conversation; of everything when left out')
    .option('--since <time>', 'RFC 3339, a date, or how long ago: 12h, 30d', '30d')
    .option('--until <time>', 'the same; now when left out')
    .option('--time-zone <name>', "of days and hours; this machine's when left out")
    .option('--json', 'for programs')
    .description('how much is said, by whom, when, and how fast people answer; may run beside a server')
    .action(async (options: object) =>
      (await import('./stats/command.ts')).statsCommand(configOrExit(), options),
    );

  program
    .command('schemas')
    .option('--out <dir>', 'a folder for one file each; standard output when left out')
    .description('the JSON Schemas of all events, for whoever reads the topics')
    .action(async (options: { out?: string }) => (await import('./schemas.ts')).schemasCommand(options));

  program
    .command('export')
    .option('--conversation <id>', 'one conversation')
    .option('--user <id or name>', "a person's data")
    .option('--all', 'everything')
    .option(
      '--format <format>',
      'jsonl (events, for a backup or another installation), html, md or csv',
      'jsonl',
    )
    .option('--out <file>', 'standard output when left out; gzipped when it ends in .gz')
    .option('--directory <dir>', 'of html, md and csv one file for each conversation, in this folder')
    .option('--force', 'replace the file, or files of the folder')
    .option('--since <time>', 'RFC 3339, a date, or how long ago: 90s, 30m, 12h, 7d')
    .option('--until <time>', 'the same')
    .option('--time-zone <name>', "of the times in html, md and csv; this machine's when left out")
    .description('write out a history; may run beside a server')
    .action(async (options: ExportOptions) =>
      (await import('./export/command.ts')).exportCommand(configOrExit(), options),
    );

  program
    .command('import')
    .argument(
      '<file>',
      "our own export, Slack's zip, Mattermost's bulk JSONL, a WhatsApp chat, or JSON lines",
    )
    .option('--as <username>', 'who imports: admin of the group, and member of what was public')
    .option(
      '--format <format>',
      'chatvui, jsonl ({id, at, from, text, replyTo?} a line), slack, mattermost or whatsapp',
    )
    .option('--name <name>', "what the history is called; the file's name when left out")
    .option('--map <file>', 'who is who, "theirs,ours" a line; others become people who cannot sign in')
    .option('--time-zone <name>', "of WhatsApp's times; this machine's when left out")
    .option('--dry-run', 'tell what would come in, and write nothing')
    .description('bring in a history from elsewhere; safe to run twice')
    .action(async (file: string, options: ImportOptions) =>
      (await import('./import/command.ts')).importCommand(configOrExit(), file, options),
    );

  program
    .command('migrate')
    .requiredOption('--to <side>', 'real: from DATA_DIR to the real servers; embedded: from them to DATA_DIR')
    .description('move an installation to another kind of servers; nothing may run on either side')
    .action(async (options: { to: string }) =>
      (await import('./migrate/command.ts')).migrateCommand(configOrExit(), options),
    );

  addReplayCommands(program);
};

// The commands that read the log out and write one in: each is an idea in a folder of its own.
import type { Command } from 'commander';
import type { ExportOptions } from './export/command.ts';
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
    .option('--force', 'replace the file')
    .option('--since <time>', 'RFC 3339, a date, or how long ago: 90s, 30m, 12h, 7d')
    .option('--until <time>', 'the same')
    .option('--time-zone <name>', "of the times in html, md and csv; this machine's when left out")
    .description('write out a history; may run beside a server')
    .action(async (options: ExportOptions) =>
      (await import('./export/command.ts')).exportCommand(configOrExit(), options),
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

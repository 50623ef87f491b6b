// The command line. Each command is one idea in a file of its own; this one only names them.
import { Command } from 'commander';
import { addLogCommands } from './log-commands.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { configOrExit } from './process.ts';

const program = new Command('chatvui')
  .description('Event-sourced chat: every send, read and presence change is an event in an ordered log.')
  .showHelpAfterError();

program
  .command('start', { isDefault: true })
  .description('run everything in this process: the gateway and all projections')
  .action(async () => (await import('./start.ts')).start(configOrExit()));

program
  .command('gateway')
  .description('run a gateway only (needs the real servers)')
  .action(async () => (await import('./start.ts')).startGatewayOnly(configOrExit()));

program
  .command('consume')
  .argument('<name...>', 'history, presence, search, analytics, notifications, media, previews or webhooks')
  .option('--skip <place...>', 'give up an event that stops a partition, as topic/partition/offset')
  .description('run one projection, or several, and no gateway (needs the real servers)')
  .action(async (names: string[], options: { skip?: string[] }) =>
    (await import('./start.ts')).startConsumersOnly(configOrExit(), names, options.skip ?? []),
  );

program
  .command('topics')
  .description('show the topics of the log; makes those that are missing')
  .action(async () => (await import('./topics.ts')).showTopics(configOrExit()));

program
  .command('doctor')
  .description('check the configuration and reach every server, saying what is wrong and how to mend it')
  .action(async () => (await import('./doctor.ts')).doctor(configOrExit()));

addLogCommands(program);
addOperatorCommands(program);

await program.parseAsync();

// The commands of those who look after an installation: each is an idea in a folder of its own.
import type { Command } from 'commander';
import { configOrExit } from './process.ts';

export const addOperatorCommands = (program: Command): void => {
  const admin = program
    .command('admin')
    .description('who may see the operations page, and who gets a new password; may run beside a server');
  admin
    .command('grant')
    .argument('<name>', 'user name, exactly')
    .description('make somebody an instance admin')
    .action(async (name: string) => (await import('./admin/command.ts')).grantAdmin(configOrExit(), name));
  admin
    .command('revoke')
    .argument('<name>', 'user name, exactly')
    .option('--force', 'even the last one')
    .description('somebody is no instance admin any more')
    .action(async (name: string, options: { force?: boolean }) =>
      (await import('./admin/command.ts')).revokeAdmin(configOrExit(), name, options.force ?? false),
    );
  admin
    .command('list')
    .description('who is an instance admin, since when, by whom')
    .action(async () => (await import('./admin/command.ts')).listAdmins(configOrExit()));
  admin
    .command('password-link')
    .argument('<name>', 'user name, exactly')
    .description('a link by which this person sets a new password, for who has no mail or lost it')
    .action(async (name: string) => (await import('./admin/command.ts')).passwordLink(configOrExit(), name));

  const letters = program
    .command('dead-letters')
    .description('events that changed nothing: void at their place, or given up; may run beside a server');
  const commands = () => import('./dead-letters/command.ts');
  letters
    .command('list', { isDefault: true })
    .option('--only <kind>', 'void or skipped')
    .option('--limit <count>', 'stop after so many', '100')
    .description('newest first, with what was ordered about each')
    .action(async (options: object) => (await commands()).listDeadLetters(configOrExit(), options));
  letters
    .command('show')
    .argument('<place>', 'topic/partition/offset')
    .description('the event as the log has it, and what is wrong with it')
    .action(async (place: string) => (await commands()).showDeadLetter(configOrExit(), place));
  letters
    .command('retry')
    .argument('<place>', 'topic/partition/offset')
    .description('write the event into the log again: at its new place it is decided anew')
    .action(async (place: string) => (await commands()).retryDeadLetter(configOrExit(), place));
  letters
    .command('skip')
    .argument('<place>', 'topic/partition/offset')
    .option('--projection <name>', 'whose partition it stops', 'history')
    .description('give up the event that stops a partition, into the dead letters')
    .action(async (place: string, options: { projection: string }) =>
      (await commands()).skipEvent(configOrExit(), place, options.projection),
    );
};

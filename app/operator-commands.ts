// The commands of those who look after an installation: each is an idea in a folder of its own.
import type { Command } from 'commander';
import { configOrExit } from './process.ts';

export const addOperatorCommands = (program: Command): void => {
  const admin = program
    .command('admin')
    .description('who may see the operations page; may run beside a server, which follows within 2 s');
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
};

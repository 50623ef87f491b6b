// The words of `chatvui replay`.
import type { Command } from 'commander';
import { configOrExit } from '../process.ts';
import type { RebuildOptions, VerifyOptions } from './command.ts';

const commands = () => import('./command.ts');
const projections = 'history, presence, search or analytics';

export const addReplayCommands = (program: Command): void => {
  const replay = program
    .command('replay')
    .description('make projections anew from the log, or compare them with it; may run beside a server');
  replay
    .command('rebuild')
    .argument('<name>', projections)
    .option('--rate <events>', 'for each second at most, or max; 5000 when left out')
    .option('--accept', 'take the new one although the live one differs')
    .option('--skip <place...>', 'give up an event that cannot be applied, as topic/partition/offset')
    .option('--json', 'JSON lines, with every difference')
    .description(
      'make one anew beside the live one and switch when both are equal; goes on where it was killed',
    )
    .action(async (name: string, options: RebuildOptions) =>
      (await commands()).rebuildCommand(configOrExit(), name, options),
    );
  replay
    .command('verify')
    .argument('[name...]', `${projections}; all when left out`)
    .option('--repair', 'mend what differs')
    .option('--rate <events>', 'for each second at most, or max; 5000 when left out')
    .option('--skip <place...>', 'give up an event that cannot be applied, as topic/partition/offset')
    .option('--json', 'JSON lines, with every difference')
    .description('compare the live ones with the log and name each difference; ends with 1 when there is one')
    .action(async (names: string[], options: VerifyOptions) =>
      (await commands()).verifyCommand(configOrExit(), names, options),
    );
  replay
    .command('status')
    .description('what was begun and what is kept beside the live ones')
    .action(async () => (await commands()).statusCommand(configOrExit()));
  replay
    .command('discard')
    .argument('<name>', projections)
    .description('throw away a copy that was begun')
    .action(async (name: string) => (await commands()).discardCommand(configOrExit(), name));
  replay
    .command('drop-old')
    .argument('<name>', projections)
    .description('throw away what the last rebuild put aside')
    .action(async (name: string) => (await commands()).dropOldCommand(configOrExit(), name));
};

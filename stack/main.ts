// `npm run stack -- up|down|status|logs|env|reset [service...] [--name NAME] [--brokers 1|3]`
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Command } from 'commander';
import { downAll, services, startStack, unitIds } from './index.ts';
import { openPlace, type Place, readPlace } from './place.ts';
import { logFile, runningPid } from './processes.ts';
import { type ServiceName, serviceNames } from './versions.ts';

type Options = { name: string; brokers: string; json?: boolean };

const program = new Command('stack')
  .description('The real servers on this machine, without containers.')
  .option('--name <name>', 'which stack: each has data and logs of its own', 'dev')
  .option('--brokers <count>', '1 or 3 Kafka brokers', '1')
  .showHelpAfterError();

const chosen = (names: string[]): ServiceName[] => {
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName));
  if (unknown.length === 0) return names.length === 0 ? serviceNames : (names as ServiceName[]);
  console.error(`There is no ${unknown.join(', ')}. There are: ${serviceNames.join(', ')}.`);
  process.exit(2);
};
const options = (): Options => program.opts<Options>();
const placeOf = (): Place => {
  const place = readPlace(options().name);
  if (place) return place;
  console.error(`There is no stack "${options().name}" yet. Make it: npm run stack -- up`);
  process.exit(1);
};

program
  .command('up [service...]')
  .description('start them and wait until they work; what runs is left alone')
  .action(async (names: string[]) => {
    const { name, brokers } = options();
    const failures: string[] = [];
    // One that cannot be had (no Go, no Java) does not keep the others from working.
    await Promise.all(
      chosen(names).map((service) =>
        startStack({ name, services: [service], brokers: Number(brokers) }).catch((error) => {
          failures.push(`${service}: ${error.message}`);
        }),
      ),
    );
    for (const failure of failures) console.error(`NOT STARTED ${failure}`);
    printEnv(await openPlace(name, Number(brokers) === 3 ? 3 : 1, false), chosen(names), false);
    process.exit(failures.length === 0 ? 0 : 1);
  });

program
  .command('down [service...]')
  .description('stop them; their data stays')
  .action(async (names: string[]) => {
    await downAll(
      placeOf(),
      chosen(names).map((name) => services[name]),
    );
  });

program
  .command('reset')
  .description('stop everything and forget its data')
  .action(async () => {
    const place = placeOf();
    await downAll(place, Object.values(services));
    rmSync(place.dir, { recursive: true, force: true });
  });

program
  .command('status')
  .description('what runs and works')
  .action(async () => {
    const place = placeOf();
    for (const name of serviceNames) {
      const pids = unitIds(place, name).map((id) => runningPid(place.dir, id));
      const problem = pids.every((pid) => pid === null)
        ? 'stopped'
        : await services[name].check(place).then(
            () => 'works',
            (error) => `does not work: ${error.message}`,
          );
      console.log(`${name.padEnd(14)} ${problem.padEnd(10)} ${pids.filter(Boolean).join(' ')}`);
    }
  });

program
  .command('logs <service>')
  .description('print its logs')
  .action((name: string) => {
    const place = placeOf();
    for (const id of chosen([name]).flatMap((service) => unitIds(place, service))) {
      const file = logFile(place.dir, id);
      if (existsSync(file)) process.stdout.write(readFileSync(file));
    }
  });

program
  .command('env [service...]')
  .option('--json', 'as JSON')
  .description('print the settings that point the product at these servers')
  .action((names: string[], { json }: { json?: boolean }) =>
    printEnv(placeOf(), chosen(names), json ?? false),
  );

const printEnv = (place: Place, names: ServiceName[], json: boolean): void => {
  const env: Record<string, string> = Object.assign({}, ...names.map((name) => services[name].env(place)));
  if (json) console.log(JSON.stringify(env, null, 2));
  else for (const [key, value] of Object.entries(env)) console.log(`${key}=${value}`);
};

await program.parseAsync();

// `npm run stack -- up|down|status|logs|env|reset [service...] [--name NAME]`
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { StackError } from './errors.ts';
import { hasGo } from './get.ts';
import { envOf } from './index.ts';
import { down, problemOf, reset, services, up } from './lifecycle.ts';
import { forgetPlace, openPlace, type Place, readPlace, stateDir } from './place.ts';
import { logFile, runningPid, tailOf } from './processes.ts';
import { unitIds } from './service.ts';
import { type ServiceName, serviceNames } from './versions.ts';

type Options = { name: string; brokers: string; freePorts?: boolean; json?: boolean };
type Action = (names: string[], options: Options) => Promise<void>;

const logLines = 50;

const chosen = (names: string[]): ServiceName[] => {
  const unknown = names.filter((name) => !(serviceNames as string[]).includes(name));
  if (unknown.length > 0)
    throw new StackError(`There is no ${unknown.join(', ')}. There are: ${serviceNames.join(', ')}.`);
  return names.length === 0 ? serviceNames : (names as ServiceName[]);
};

const placeOf = ({ name }: Options): Place => {
  const place = readPlace(name);
  if (!place) throw new StackError(`There is no stack "${name}" yet. Make it: npm run stack -- up`);
  return place;
};

const isRunning = (place: Place, name: ServiceName): boolean =>
  unitIds(place, name).some((id) => runningPid(place.dir, id) !== null);

const upCommand: Action = async (names, options) => {
  if (process.platform !== 'linux')
    throw new StackError('These servers run on Linux. Elsewhere: docker compose up --wait');
  let wanted = chosen(names);
  if (names.length === 0 && !hasGo()) {
    wanted = wanted.filter((name) => name !== 's3');
    console.error('!!! SKIPPED s3: it is built by Go, which is missing here. Install Go and repeat.');
  }
  const brokers = options.brokers === '3' ? 3 : 1;
  const place = await openPlace({ name: options.name, brokers, freePorts: options.freePorts ?? false });
  // One that cannot be had does not keep the others from working.
  const failures = await Promise.all(
    wanted.map((name) =>
      up(place, name).then(
        () => undefined,
        (error: Error) => ({ name, error }),
      ),
    ),
  );
  for (const failure of failures)
    if (failure) console.error(`\nNOT STARTED ${failure.name}: ${textOf(failure.error)}`);
  print(
    envOf(
      place,
      wanted.filter((name) => isRunning(place, name)),
    ),
    options,
  );
  if (failures.some(Boolean)) process.exitCode = 1;
};

const downCommand: Action = async (names, options) => {
  await Promise.all(chosen(names).map((name) => down(placeOf(options), name)));
};

const resetCommand: Action = async (names, options) => {
  for (const name of chosen(names)) await reset(placeOf(options), name);
  // Its brokers and its ports may be chosen anew.
  if (names.length === 0) forgetPlace(placeOf(options));
};

const statusCommand: Action = async (names, options) => {
  const place = placeOf(options);
  for (const name of chosen(names)) {
    for (const id of unitIds(place, name)) {
      const problem = (await problemOf(place, services[name], id)) ?? 'works';
      const pid = runningPid(place.dir, id);
      console.log(
        `${id.padEnd(14)} ${String(place.ports[id]).padEnd(6)} ${String(pid ?? '').padEnd(8)} ${problem}`,
      );
      if (pid !== null && problem !== 'works') process.exitCode = 1;
    }
  }
  console.log(place.dir);
};

const logsCommand: Action = async (names, options) => {
  const place = placeOf(options);
  const files = chosen(names)
    .flatMap((name) => unitIds(place, name))
    .map((id) => logFile(place.dir, id));
  for (const file of files.filter(existsSync)) console.log(tailOf(file, logLines));
};

const envCommand: Action = async (names, options) => {
  const place = placeOf(options);
  const running = serviceNames.filter((name) => isRunning(place, name));
  if (names.length === 0 && running.length === 0)
    throw new StackError(`The stack "${place.name}" is down. Start it: npm run stack -- up`);
  print(envOf(place, names.length > 0 ? chosen(names) : running), options);
};

const print = (env: Record<string, string>, { json }: Options): void => {
  if (json) console.log(JSON.stringify(env, null, 2));
  else for (const [key, value] of Object.entries(env)) console.log(`${key}=${value}`);
};

const textOf = (error: Error): string => (error instanceof StackError ? error.message : String(error.stack));

const program = new Command('npm run stack --')
  .description(`The real servers on this machine, without containers. They live in ${stateDir}.`)
  .showHelpAfterError();

const command = (name: string, description: string, action: Action): Command =>
  program
    .command(name)
    .description(description)
    .argument('[service...]', `${serviceNames.join(', ')}; all when left out`)
    .option('--name <name>', 'which stack: each has data, logs and ports of its own', 'dev')
    .action(action);

command('up', 'start them and wait until they work; what works is left alone', upCommand)
  .addOption(new Option('--brokers <count>', 'of Kafka').choices(['1', '3']).default('1'))
  .option('--free-ports', 'any free ports instead of the usual ones, chosen once')
  .option('--json', 'print the settings as JSON');
command('down', 'stop them; their data stay', downCommand);
command('status', 'what runs and works', statusCommand);
command('logs', 'the end of their logs', logsCommand);
command('env', 'the settings that point the product at what runs', envCommand).option('--json', 'as JSON');
command('reset', 'stop them and delete their data', resetCommand);

await program.parseAsync().catch((error: Error) => {
  console.error(textOf(error));
  process.exitCode = 1;
});

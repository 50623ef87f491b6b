// What does not work, out of what was seen: each kind of trouble once for what it is about. The remedies are words, and
// words are the reader's: the web client and the terminal have them by code.
import type { OperationsOverview, OperationsProblem, PartitionHealth } from '../../schemas/operations.ts';

type Seen = Omit<OperationsOverview, 'problems'>;

/** So many events behind is more than a moment's delay. */
export const behindEvents = 5_000;
const diskBytesMin = 1_000_000_000;
const diskShareMin = 0.05;

export const problemsOf = (seen: Seen): OperationsProblem[] => [
  ...seen.servers.filter(({ ok }) => !ok).map(({ name, code }) => problem('server_away', name, code)),
  ...gatewayProblems(seen),
  ...seen.projections.flatMap(({ name, partitions, lag }) => [
    ...ofState('partition_stopped', 'stopped', name, ownTrouble(seen, name, partitions)),
    ...ofState('partition_unowned', 'nobody', name, partitions),
    ...ofState('partition_retrying', 'retrying', name, partitions),
    ...(lag >= behindEvents ? [problem('projection_behind', name, String(lag))] : []),
  ]),
  ...versionProblems(seen),
  ...diskProblems(seen),
];

/** Those that follow history stop where it stops, and go on when it goes on: that is one trouble, not several. */
const ownTrouble = (
  { projections }: Seen,
  name: string,
  partitions: PartitionHealth[],
): PartitionHealth[] => {
  if (name === 'history') return partitions;
  const history = projections.find((each) => each.name === 'history')?.partitions ?? [];
  const placeOf = ({ topic, partition, stoppedAt }: PartitionHealth) => `${topic}/${partition}/${stoppedAt}`;
  const stopped = new Set(history.filter(({ state }) => state === 'stopped').map(placeOf));
  return partitions.filter((each) => !stopped.has(placeOf(each)));
};

const problem = (
  code: OperationsProblem['code'],
  subject: string,
  detail: string | null,
  count = 1,
): OperationsProblem => ({ code, subject, detail, count });

const ofState = (
  code: OperationsProblem['code'],
  state: PartitionHealth['state'],
  name: string,
  partitions: PartitionHealth[],
): OperationsProblem[] => {
  const found = partitions.filter((each) => each.state === state);
  return found.length === 0 ? [] : [problem(code, name, found[0]?.reason ?? null, found.length)];
};

const gatewayProblems = ({ processes }: Seen): OperationsProblem[] => {
  const gateways = processes.filter(({ gateway }) => gateway !== null);
  if (gateways.length === 0) return [problem('gateway_missing', 'gateway', null)];
  return gateways
    .filter(({ gateway }) => gateway?.closed)
    .map(({ owner, gateway }) => problem('gateway_closed', owner, gateway?.closed ?? null));
};

/** During a roll-out it is so for a while. */
const versionProblems = ({ processes }: Seen): OperationsProblem[] => {
  const versions = [...new Set(processes.map(({ version }) => version))].sort();
  return versions.length > 1 ? [problem('versions_differ', versions.join(', '), null, versions.length)] : [];
};

const diskProblems = ({ disk }: Seen): OperationsProblem[] => {
  if (!disk) return [];
  const low = disk.freeBytes < diskBytesMin || disk.freeBytes < disk.totalBytes * diskShareMin;
  return low ? [problem('disk_low', 'DATA_DIR', String(disk.freeBytes))] : [];
};

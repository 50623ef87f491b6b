// How an installation is, at a glance: what its processes report, how far the stores and the log are, whether servers
// answer. Nothing here changes anything.
import { isOutsideError } from '../../ports/errors.ts';
import type { EventLog } from '../../ports/event-log/port.ts';
import type { Operations, PartitionReport, Report } from '../../ports/operations/port.ts';
import { eventTypes } from '../../schemas/events.ts';
import type {
  OperationsOverview,
  PartitionHealth,
  ProcessHealth,
  ProjectionBeside,
  ProjectionHealth,
  ServerHealth,
} from '../../schemas/operations.ts';
import { problemsOf } from './problems.ts';

export type ProjectionSource = {
  name: string;
  topics: string[];
  /** Next offsets applied, from the projection's own store. */
  applied(topic: string): Promise<number[]>;
  /** What `chatvui replay` has made beside it. */
  beside: {
    beside(): Promise<{ begun: boolean; old: boolean }>;
    /** Next offsets of the copy that was begun; null: none was. */
    begunAt(topic: string): Promise<number[] | null>;
  };
};

export type ServerSource = {
  name: string;
  kind: string;
  needed: boolean;
  check(): Promise<unknown>;
  version?(): Promise<string>;
};

export type OverviewOptions = {
  operations: Pick<Operations, 'reports'>;
  log: Pick<EventLog, 'endOffsets'>;
  projections: ProjectionSource[];
  servers: ServerSource[];
  version: string;
  /** Null: nothing is kept on this machine. */
  disk(): Promise<{ freeBytes: number; totalBytes: number } | null>;
  now?: () => number;
};

/** A process that has not been heard for so long is taken for gone: three missed reports, and a little. */
export const aliveMs = 12_000;
const answerMs = 2_000;

export class Overview {
  readonly #options: OverviewOptions;
  readonly #versions = new Map<string, string>();
  /** Those who ask at the same moment share one look. */
  #looking: Promise<OperationsOverview> | undefined;

  constructor(options: OverviewOptions) {
    this.#options = options;
  }

  look(): Promise<OperationsOverview> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async reports(): Promise<Report[]> {
    const { operations, now = Date.now } = this.#options;
    return operations.reports(new Date(now() - aliveMs).toISOString());
  }

  async #look(): Promise<OperationsOverview> {
    const { servers, version, disk, now = Date.now } = this.#options;
    const reports = await this.reports();
    const [health, projections, room] = await Promise.all([
      Promise.all(servers.map((server) => this.#server(server))),
      this.#projections(reports),
      disk(),
    ]);
    const processes = reports.map(processOf);
    const eventVersions = Object.fromEntries(
      Object.entries(eventTypes).map(([type, known]) => [type, known.version]),
    );
    const at = new Date(now()).toISOString();
    const seen = { at, version, eventVersions, disk: room, servers: health, projections, processes };
    return { ...seen, problems: problemsOf(seen) };
  }

  async #server({ name, kind, needed, check, version }: ServerSource): Promise<ServerHealth> {
    const began = performance.now();
    const code = await within(answerMs, check());
    const latencyMs = code === null ? Math.round((performance.now() - began) * 10) / 10 : null;
    if (code === null && version && !this.#versions.has(name)) {
      await within(
        answerMs,
        version().then((text) => this.#versions.set(name, text.slice(0, 60))),
      );
    }
    return {
      name,
      kind,
      needed,
      ok: code === null,
      code,
      latencyMs,
      version: this.#versions.get(name) ?? null,
    };
  }

  async #projections(reports: Report[]): Promise<ProjectionHealth[]> {
    const { projections, log } = this.#options;
    const ends = new Map<string, Promise<number[]>>();
    const endsOf = (topic: string) => {
      const asked = ends.get(topic) ?? orNothing(log.endOffsets(topic));
      ends.set(topic, asked);
      return asked;
    };
    return Promise.all(
      projections.map(async ({ name, topics, applied, beside }) => {
        const own = reportedOf(reports, name);
        const all = await Promise.all(
          topics.map(async (topic) => {
            const [places, end] = await Promise.all([orNothing(applied(topic)), endsOf(topic)]);
            return partitionsOf(topic, places, end, own);
          }),
        );
        return { ...projectionOf(name, all.flat()), beside: await besideOf(beside, topics, endsOf) };
      }),
    );
  }
}

/** Null: it worked. Else a code: messages name hosts and paths. */
const within = async (ms: number, work: Promise<unknown>): Promise<string | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), ms);
  });
  const done = work.then(
    () => null,
    (error: unknown) => (isOutsideError(error) ? error.code : 'failed'),
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** A store or log that is away is named among the servers; what the processes said is shown all the same. */
const orNothing = async (asked: Promise<number[]>): Promise<number[]> => {
  const found: number[] = [];
  await within(
    answerMs,
    asked.then((places) => void found.push(...places)),
  );
  return found;
};

/** Null: its store is away, or a copy has come or gone in this moment. */
const besideOf = async (
  of: ProjectionSource['beside'],
  topics: string[],
  endsOf: (topic: string) => Promise<number[]>,
): Promise<ProjectionBeside | null> => {
  const look = async (): Promise<ProjectionBeside> => {
    const { begun, old } = await of.beside();
    if (!begun) return { begun: null, old };
    const sums = await Promise.all(
      topics.map(async (topic) => {
        const [next, ends] = await Promise.all([of.begunAt(topic), endsOf(topic)]);
        return { applied: sum(next ?? []), end: Math.max(sum(ends), sum(next ?? [])) };
      }),
    );
    return { begun: { applied: sum(sums.map((s) => s.applied)), end: sum(sums.map((s) => s.end)) }, old };
  };
  let found: ProjectionBeside | null = null;
  await within(
    answerMs,
    look().then((beside) => {
      found = beside;
    }),
  );
  return found;
};

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);

type Reported = Map<string, PartitionReport & { owner: string }>;

/** After a change of owners two may speak of a partition: the one that came further knows more. */
const reportedOf = (reports: Report[], projection: string): Reported => {
  const found: Reported = new Map();
  for (const { owner, partitions } of reports) {
    for (const partition of partitions) {
      if (partition.projection !== projection) continue;
      const key = `${partition.topic}/${partition.partition}`;
      if ((found.get(key)?.next ?? -1) <= partition.next) found.set(key, { ...partition, owner });
    }
  }
  return found;
};

const partitionsOf = (
  topic: string,
  places: number[],
  ends: number[],
  reported: Reported,
): PartitionHealth[] => {
  const said = [...reported.values()].filter((each) => each.topic === topic);
  const count = Math.max(places.length, ends.length, ...said.map(({ partition }) => partition + 1));
  return Array.from({ length: count }, (_, partition) => {
    const own = reported.get(`${topic}/${partition}`);
    const next = Math.max(places[partition] ?? 0, own?.next ?? 0);
    const end = Math.max(ends[partition] ?? 0, own?.end ?? 0, next);
    return {
      topic,
      partition,
      next,
      end,
      lag: end - next,
      state: own?.state ?? 'nobody',
      reason: own?.reason ?? null,
      stoppedAt: own?.stoppedAt ?? null,
      owner: own?.owner ?? null,
      rate: own?.rate ?? 0,
    };
  });
};

const worst = ['stopped', 'nobody', 'retrying', 'running'] as const;

const projectionOf = (name: string, partitions: PartitionHealth[]): Omit<ProjectionHealth, 'beside'> => ({
  name,
  state: worst.find((state) => partitions.some((each) => each.state === state)) ?? 'nobody',
  lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
  rate: Math.round(partitions.reduce((sum, { rate }) => sum + rate, 0) * 10) / 10,
  partitions,
});

const processOf = (report: Report): ProcessHealth => ({
  owner: report.owner,
  startedAt: report.startedAt,
  seenAt: report.seenAt,
  version: report.version,
  node: report.node,
  projections: [...new Set(report.partitions.map(({ projection }) => projection))],
  gateway: report.gateway,
});

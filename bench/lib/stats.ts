// Figures: percentiles of times, CPU of processes, and how they are printed.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Milliseconds. */
export type Times = { median: number; p95: number; p99: number };

export const timesOf = (samples: number[]): Times => {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { median: at(0.5), p95: at(0.95), p99: at(0.99) };
};

/** One line of a table. Undefined cells are left blank. */
export type Row = {
  what: string;
  perSecond?: number;
  times?: Times;
  /** CPU milliseconds per 1,000 messages, per process. */
  cpu?: Record<string, number>;
  note?: string;
};

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);

export const printTable = (title: string, rows: Row[]): void => {
  console.log(`\n### ${title}\n`);
  console.log('| what | per second | median ms | p95 ms | p99 ms | CPU ms per 1,000 | note |');
  console.log('| --- | ---: | ---: | ---: | ---: | --- | --- |');
  for (const { what, perSecond, times, cpu, note } of rows) {
    const shares = Object.entries(cpu ?? {})
      .filter(([, ms]) => ms >= 0.5)
      .map(([name, ms]) => `${name} ${number(ms)}`)
      .join(', ');
    const cells = [
      what,
      perSecond === undefined ? '' : number(perSecond),
      ...(times ? [number(times.median), number(times.p95), number(times.p99)] : ['', '', '']),
      shares,
      note ?? '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
};

/** The machine and the versions, so that a figure means something later. */
export const printMachine = (versions: Record<string, string>): void => {
  const [cpu] = cpus();
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
  console.log(`${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, load ${load}, Node ${process.version}`);
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
};

const ticksPerSecond = 100;

/** User and system CPU of a process so far, in milliseconds; 0 when it has gone. */
export const cpuMs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  } catch {
    return 0;
  }
};

/** Resident memory in KiB. */
export const residentKiB = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
};

/** Runs the work and says what each process's CPU time was spent on it. */
export const withCpu = async <T>(
  pids: Record<string, number>,
  work: () => Promise<T>,
): Promise<{ value: T; cpu: Record<string, number>; seconds: number }> => {
  const before = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  const began = performance.now();
  const value = await work();
  const seconds = (performance.now() - began) / 1000;
  const cpu = Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid) - (before[name] ?? 0)]),
  );
  return { value, cpu, seconds };
};

export const perThousand = (cpu: Record<string, number>, count: number): Record<string, number> =>
  Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, (ms * 1000) / Math.max(1, count)]));

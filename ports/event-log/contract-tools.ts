// What the tests of event logs share.
import type { AppendRecord, EventLog, LogBatch, LogRecord } from './port.ts';

export type TestLog = {
  log: EventLog;
  /** Topic names of this log begin with it, so that runs on one server do not meet. */
  prefix: string;
  /** Closes the log and opens it again. */
  reopen(): Promise<EventLog>;
  cleanup(): Promise<void>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const numbered = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
export const make = (partition: number, value: number | string): AppendRecord => ({
  partition,
  key: `key-${partition}`,
  value: encoder.encode(String(value)),
});
export const text = (record: LogRecord): string => decoder.decode(record.value);

/** Looks again each few milliseconds; the test's own limit ends it. */
export const until = async (met: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await met())) await new Promise((resolve) => setTimeout(resolve, 5));
};

export const collector = (work: (batch: LogBatch) => void | Promise<void> = () => {}) => {
  const records: LogRecord[] = [];
  const failures: Error[] = [];
  return {
    records,
    failures,
    of: (partition: number) => records.filter((record) => record.partition === partition),
    count: (count: number) =>
      until(() => {
        if (failures[0] !== undefined) throw failures[0];
        return records.length >= count;
      }),
    handlers: {
      onBatch: (batch: LogBatch): void | Promise<void> => {
        records.push(...batch.records);
        return work(batch);
      },
      onFailure: (error: Error): void => {
        failures.push(error);
      },
    },
  };
};

// One record of the log by its place: what an operator looks at, or has appended again. Bounded in time and size.
import { OutsideError } from '../ports/errors.ts';
import type { EventLog, LogRecord } from '../ports/event-log/port.ts';
import type { OrderPlace } from '../ports/operations/port.ts';
import { scan, stretchesOf } from './log-scan.ts';

const patienceMs = 8_000;

export const recordReader =
  (log: Pick<EventLog, 'describeTopics' | 'tail'>) =>
  async (place: OrderPlace): Promise<LogRecord | null> => {
    const { topic, partition, offset } = place;
    const whole = (await stretchesOf(log, [topic])).find((each) => each.partition === partition);
    if (!whole || offset < whole.from || offset >= whole.to) return null;
    const found = scan(log, [{ topic, partition, from: offset, to: offset + 1 }], 'partition');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new OutsideError('log_unavailable', 'later', 'The log did not bring this event in time.');
      timer = setTimeout(() => reject(error), patienceMs);
    });
    try {
      const { value } = await Promise.race([found.next(), late]);
      return (value as LogRecord | undefined) ?? null;
    } finally {
      clearTimeout(timer);
      void found.return(undefined);
    }
  };

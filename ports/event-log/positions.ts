// Positions: what is said of one that is not in the log, and how a projection is asked for its own.
import { isOutsideError, OutsideError } from '../errors.ts';

const firstPauseMs = 100;
const longestPauseMs = 5000;

export const outsideLog = (
  topic: string,
  partition: number,
  at: number,
  start: number,
  end: number,
): OutsideError => {
  const text = `Offset ${at} of ${topic}/${partition} is not in the log, which has ${start} to ${end}. The log was replaced or cut: rebuild what reads it.`;
  return new OutsideError('log_truncated', 'never', text);
};

/**
 * With patience: the projection's database may be on its way up.
 * Undefined when `stopped` before there was an answer. Throws what is not worth another try.
 */
export const askPosition = async (
  ask: () => Promise<number>,
  stopped: () => boolean,
): Promise<number | undefined> => {
  for (let pauseMs = firstPauseMs; !stopped(); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!isOutsideError(error) || error.retry === 'never') throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return undefined;
};

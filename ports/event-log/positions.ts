// Asking a projection for its position, with patience: its database may be on its way up.
import { isOutsideError } from '../errors.ts';

const firstPauseMs = 100;
const longestPauseMs = 5000;

/** Undefined when `stopped` before there was an answer. Throws what is not worth another try. */
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

// Text as it is kept: composed (NFC). A few characters become three by that, so what was short enough when it came may
// be too long to be kept; an event with such a text could be read by nobody, and would stop its whole partition.
import { type Refusal, refuse } from '../schemas/refusal.ts';

/** `lengthMax` in code points, as everywhere. */
export const normalised = (text: string, lengthMax: number): string | Refusal => {
  const composed = text.normalize('NFC');
  // Twice as many units as code points at most: the counting is for the few that may be too long.
  if (composed.length > lengthMax && [...composed].length > lengthMax)
    return refuse(
      'invalid_input',
      `The text is longer than ${lengthMax} characters once it is composed (NFC).`,
    );
  return composed;
};

// Finds variables that somebody almost set: KAFKA_BROKER for KAFKA_BROKERS.
import { type VariableName, variableNames } from './config-variables.ts';

/** Short names are near to too much else (PORT, PART), so only longer ones are compared. */
const nameLengthMin = 6;
const distanceMax = 2;

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
};

const isNear = (name: string, known: string): boolean =>
  known.length >= nameLengthMin &&
  Math.abs(name.length - known.length) <= distanceMax &&
  distance(name.toUpperCase(), known) <= (known.length < 10 ? 1 : distanceMax);

export type Typo = { name: string; meant: VariableName };

/** Variables that are set, unknown to us, and near to one that we know and that is not set. */
export const findTypos = (env: Record<string, string | undefined>): Typo[] => {
  const known = new Set<string>(variableNames);
  const unset = variableNames.filter((name) => !env[name]);
  return Object.keys(env)
    .filter((name) => env[name] && !known.has(name))
    .flatMap((name) => {
      const meant = unset.find((candidate) => isNear(name, candidate));
      return meant ? [{ name, meant }] : [];
    });
};

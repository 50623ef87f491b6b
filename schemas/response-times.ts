// How long answers took, kept as counts in steps that grow by a fifth: small enough to keep for ever, and the median or
// any other part can be told from them to within a tenth.

const secondMs = 1_000;
const stepsPerDoubling = 4;
const longestMs = 30 * 86_400_000;

/** Where each step ends, in ms. Step 0 is below a second, the last one is beyond a month. */
const stepEnds: number[] = [];
for (let n = 0; stepEnds.length === 0 || (stepEnds.at(-1) as number) < longestMs; n += 1) {
  stepEnds.push(Math.round(secondMs * 2 ** (n / stepsPerDoubling)));
}

export const responseStepOf = (ms: number): number => {
  let [low, high] = [0, stepEnds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms < (stepEnds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The middle of a step, in ms. */
const middleOf = (step: number): number => {
  const end = stepEnds[Math.min(step, stepEnds.length - 1)] as number;
  const begin = step === 0 ? 0 : (stepEnds[step - 1] as number);
  return step === 0 ? end / 2 : Math.sqrt(begin * (step === stepEnds.length ? begin : end));
};

/** `share` of all answers took no longer, in ms; null when there were none. */
export const responseWithin = (counts: ReadonlyMap<number, number>, share: number): number | null => {
  let all = 0;
  for (const count of counts.values()) all += count;
  if (all === 0) return null;
  let seen = 0;
  const steps = [...counts.keys()].sort((a, b) => a - b);
  for (const step of steps) {
    seen += counts.get(step) as number;
    if (seen >= all * share) return Math.round(middleOf(step));
  }
  throw new Error('the counts do not add up');
};

// `npm run schemas:accept`: records the shapes of new types and new versions. What was recorded is never overwritten,
// except with `--unreleased`, which is for the time before the first release, when no log outlives a change.
import { readFileSync, writeFileSync } from 'node:fs';
import { currentFingerprints, driftFrom, type Fingerprints, withNew } from './fingerprints.ts';

const file = new URL('./fingerprints.json', import.meta.url);
const write = (fingerprints: Fingerprints) =>
  writeFileSync(file, `${JSON.stringify(fingerprints, null, 2)}\n`);

if (process.argv.includes('--unreleased')) {
  write(currentFingerprints());
  console.log(
    'Recorded every shape anew. After the first release this command would break logs: use it without the flag.',
  );
} else {
  const accepted = JSON.parse(readFileSync(file, 'utf8')) as Fingerprints;
  const drift = driftFrom(accepted);
  write(withNew(accepted));
  for (const { name, version, kind } of drift)
    console.log(
      kind === 'new'
        ? `recorded ${name} ${version}`
        : `REFUSED: ${name} ${version} exists with another shape`,
    );
  const changed = drift.filter(({ kind }) => kind === 'changed');
  if (changed.length > 0) {
    console.log(
      'Raise `version` in schemas/events.ts, add an upcast in schemas/codec.ts and a golden example, then run this again.',
    );
    process.exitCode = 1;
  } else if (drift.length === 0) console.log('Nothing new.');
}

// Two hours of busy use in one tab, at full speed: what it shows at the end, and what it holds at a third, two thirds and
// the end. Only when it is asked for by name: it takes as long as `--seconds` says.

import { growthOf } from '../test/soak/compare.ts';
import { soak } from '../test/soak/soak.ts';
import { browserPath, launch } from '../web/test/browser.ts';
import type { Row } from './lib/stats.ts';
import type { Target } from './lib/target.ts';

/** About one in two seconds, for two hours. */
const actions = 3_600;
const rows = 400;

export const soaking = async (target: Target, seconds: number, seed: number): Promise<Row[]> => {
  if (!browserPath) throw new Error('this needs a Chromium: install one, or set CHROMIUM_PATH');
  const browser = await launch();
  try {
    const ground = { url: target.url, stop: target.stopProduct, start: target.startProduct };
    const soaked = await soak(browser, ground, { seed, actions, seconds, rows });
    const name = `${target.name}: `;
    const faults = [...soaked.differences, ...soaked.complaints, ...growthOf(soaked.figures)];
    for (const fault of faults) process.stderr.write(`${name}${fault}\n`);
    const counts = Object.entries(soaked.done).sort(([, a], [, b]) => b - a);
    const held = (figure: keyof (typeof soaked.figures)[number], digits: number) =>
      soaked.figures.map((one) => one[figure].toFixed(digits)).join(', ');
    return [
      {
        what: `${name}actions in one tab, seed ${seed}`,
        perSecond: soaked.actions / soaked.seconds,
        note: `${soaked.actions.toLocaleString('en-US')} in ${Math.round(soaked.seconds)} s: ${counts.map(([what, count]) => `${what} ${count}`).join(', ')}`,
      },
      {
        what: `${name}rows, beside a new browser and the server`,
        note:
          soaked.differences.length === 0
            ? `the newest ${rows} of each conversation and the list are the same`
            : `${soaked.differences.length} DIFFERENCES`,
      },
      { what: `${name}errors of the page, and of its security policy`, note: `${soaked.complaints.length}` },
      {
        what: `${name}heap after garbage collection`,
        note: `${held('heapMB', 1)} MB at 1/3, 2/3 and the end`,
      },
      { what: `${name}DOM nodes, listeners`, note: `${held('nodes', 0)}; ${held('listeners', 0)}` },
    ];
  } finally {
    await browser.close();
  }
};

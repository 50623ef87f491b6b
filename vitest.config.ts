// Kinds of tests by what they need. `npm test` runs each kind as a step of its own; see test/run.ts.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', 'dist/**', 'data/**', '.cache/**'];
/** Contract tests against real servers; their addresses come by KAFKA_BROKERS, MYSQL_URL, REDIS_URL, ELASTICSEARCH_URL, SMTP_URL and S3_*. */
const real = ['**/*{kafka,mysql,redis,elasticsearch,smtp,s3}*.test.ts'];
const browser = ['**/*.browser.test.ts'];
const journeys = ['test/journeys/**/*.test.ts'];
const faults = ['test/faults/**/*.test.ts'];
const hostile = ['test/hostile/**/*.test.ts'];
const stack = ['stack/**/*.test.ts'];

/** They share servers, ports or the machine's few cores: one file at a time. */
const alone = (name: string, order: number, testTimeout: number) => ({
  name,
  fileParallelism: false,
  testTimeout,
  hookTimeout: 300_000,
  sequence: { groupOrder: order },
  // What a browser is to show, it may show late on a loaded machine.
  expect: { poll: { timeout: 15_000 } },
});

/** A machine that stalls for seconds is no fault of the product; what needed a second try is named in the output. */
const again = { retry: process.env.CI ? 1 : 0 };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, ...real, ...browser, ...journeys, ...faults, ...hostile, ...stack, 'web/**'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        plugins: [svelte({ configFile: 'web/svelte.config.js' })],
        // The client's half of Svelte, without a browser.
        resolve: { conditions: ['browser'] },
        test: {
          name: 'web',
          include: ['web/**/*.test.ts'],
          exclude: [...ignored, ...browser],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          ...alone('real', 1, 60_000),
          include: [...real, ...stack],
          exclude: [...ignored, ...browser, ...journeys, ...faults],
        },
      },
      {
        extends: true,
        // Each on a product of its own, and mostly waiting; those in a browser are the browser's.
        test: {
          ...alone('journeys', 2, 120_000),
          fileParallelism: true,
          include: journeys,
          exclude: [...ignored, ...browser],
        },
      },
      {
        extends: true,
        test: {
          ...alone('browser', 3, 120_000),
          ...again,
          fileParallelism: true,
          include: browser,
          exclude: ignored,
        },
      },
      {
        extends: true,
        test: { ...alone('faults', 4, 240_000), ...again, include: faults, exclude: ignored },
      },
      { extends: true, test: { ...alone('hostile', 5, 60_000), include: hostile, exclude: ignored } },
    ],
  },
});

import { describe, expect, test } from 'vitest';
import { OutsideError } from '../errors.ts';
import { Breaker } from './breaker.ts';

const away = new OutsideError('search_unavailable', 'later', 'away');

describe('A breaker', () => {
  const scene = () => {
    let now = 0;
    let asked = 0;
    const breaker = new Breaker(() => now);
    const ask = (answer: () => Promise<string>): Promise<string> =>
      breaker
        .ask(() => {
          asked += 1;
          return answer();
        })
        .catch((error: Error) => error.message);
    const later = (ms: number): void => {
      now += ms;
    };
    return { ask, asked: () => asked, later };
  };
  const fails = () => Promise.reject(away);
  const works = () => Promise.resolve('here');

  test('lets questions through, and asks nothing for a while after a failure', async () => {
    const { ask, asked, later } = scene();
    expect(await ask(works)).toBe('here');
    expect(await ask(fails)).toBe('away');
    expect(await ask(works)).toBe('away');
    expect(asked()).toBe(2);
    later(1_000);
    expect(await ask(works)).toBe('here');
    expect(await ask(works)).toBe('here');
  });

  test('sends one to find out, and answers the others meanwhile', async () => {
    const { ask, asked, later } = scene();
    await ask(fails);
    later(1_000);
    let answer: (what: string) => void = () => {};
    const first = ask(() => new Promise((resolve) => (answer = resolve)));
    later(60_000);
    expect(await ask(works)).toBe('away');
    expect(asked()).toBe(2);
    answer('back');
    expect(await first).toBe('back');
    expect(await ask(works)).toBe('here');
  });

  test('waits again when it is still away', async () => {
    const { ask, asked, later } = scene();
    await ask(fails);
    later(1_000);
    expect(await ask(fails)).toBe('away');
    expect(await ask(works)).toBe('away');
    expect(asked()).toBe(2);
  });

  test('is not moved by a mistake in the question', async () => {
    const { ask } = scene();
    expect(await ask(() => Promise.reject(new Error('what?')))).toBe('what?');
    expect(await ask(works)).toBe('here');
  });
});

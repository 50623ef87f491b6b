// What a rebuild says about the one that was live, as its copy and the log are told to behave.
import { expect, it } from 'vitest';
import type { Difference, ProjectionCopy } from '../../ports/copy.ts';
import { OutsideError } from '../../ports/errors.ts';
import type { Replay } from './level.ts';
import { rebuild } from './rebuild.ts';

const topic = 'chat.conversations';
const rowAt = (place: number): Difference => ({
  table: 'messages',
  key: ['c', place],
  kind: 'different',
  columns: ['content'],
});

const replayOf = (copy: Partial<ProjectionCopy<unknown>>): Replay => {
  const places = { [topic]: [7] };
  return {
    replayable: { name: 'history', applied: async () => [7] },
    copy: {
      compare: async () => [],
      recheck: async (suspects: Difference[]) => suspects,
      holding: async (_: unknown, work: () => Promise<unknown>) => work(),
      take: async () => undefined,
      ...copy,
    },
    follower: { through: async () => undefined },
    epoch: 'e',
    ends: async () => places,
  } as unknown as Replay;
};
const rebuilt = (copy: Partial<ProjectionCopy<unknown>>, accept = false) =>
  rebuild(replayOf(copy), { accept, step: () => undefined });

it('says what had come to differ at the moment of switching, at the places where that happened', async () => {
  const asked: unknown[] = [];
  const compareOld = async (at: Record<string, number[]>) => {
    asked.push(at);
    return [rowAt(3)];
  };
  expect(await rebuilt({ compareOld })).toMatchObject({ switched: true, differences: [], late: [rowAt(3)] });
  expect(asked).toEqual([{ [topic]: [7] }]);
});

it('does not say again what was known and accepted', async () => {
  const copy = { compare: async () => [rowAt(3)], compareOld: async () => [rowAt(3), rowAt(4)] };
  expect(await rebuilt(copy, true)).toMatchObject({ differences: [rowAt(3)], late: [rowAt(4)] });
});

it('says when that could not be told, and has switched all the same', async () => {
  expect(await rebuilt({ compareOld: async () => null })).toMatchObject({ switched: true, late: null });
  const away = () => Promise.reject(new OutsideError('away', 'later', 'away'));
  expect(await rebuilt({ compareOld: away })).toMatchObject({ switched: true, late: null });
});

it('that switches nothing has nothing to look back at', async () => {
  const compareOld = () => Promise.reject(new Error('not asked'));
  const found = await rebuilt({ compare: async () => [rowAt(3)], compareOld });
  expect(found).toMatchObject({ switched: false, late: [] });
});

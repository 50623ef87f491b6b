import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConversationSettings } from '../../../schemas/personal.ts';
import { FakePersonal } from '../../test/fake-personal.ts';
import { ApiProblem } from './api.ts';
import { Drafts } from './drafts.svelte.ts';
import { Personal } from './personal.svelte.ts';

const conflict = () => new ApiProblem({ code: 'conflict', status: 409, detail: '' });

/** A server, and devices of one person. */
const setup = () => {
  const server = new FakePersonal();
  const world = { isDown: false, asked: 0 };
  const devices: Personal[] = [];
  const device = () => {
    const problems: string[] = [];
    const personal = new Personal({
      api: {
        personal: async (since) => {
          world.asked += 1;
          return server.changes(since);
        },
        setPersonal: async (kind, key, value, base) => {
          if (world.isDown) throw new ApiProblem({ code: 'unavailable', status: 503, detail: '' });
          const put = server.put(kind, key, value, base ?? null);
          if (put === 'conflict') throw conflict();
          if (put.isChanged) for (const one of devices) one.heard(put.item.rev);
          return put.item;
        },
      },
      onProblem: ({ code }) => problems.push(code),
    });
    devices.push(personal);
    return { personal, problems };
  };
  return { server, world, device };
};

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-30T10:00:00Z') }));
afterEach(() => void vi.useRealTimers());

describe('What a person keeps for themselves', () => {
  test('given two devices, when one changes a setting, then it shows at once there, and by the signal here', async () => {
    const { device, world } = setup();
    const [a, b] = [device().personal, device().personal];
    await Promise.all([a.load(), b.load()]);
    const done = a.changeSettings('c', { pinned: true });
    expect(a.settings('c')).toEqual({ pinned: true });
    expect(await done).toBe(true);
    world.asked = 0;
    await vi.runAllTimersAsync();
    expect(b.settings('c')).toEqual({ pinned: true });
    // The device that changed it had nothing to ask for.
    expect(world.asked).toBe(1);
  });

  test('given what was kept at the last visit, when the page is opened again, then it is there at once, and the rest is asked for', async () => {
    const { device, server } = setup();
    const before = device().personal;
    await before.load();
    await before.changeSettings('c', { pinned: true });
    const { snapshot } = before;
    server.put('conversation', 'd', { pinned: true }, null);
    const after = device().personal;
    after.start(JSON.parse(JSON.stringify(snapshot)));
    expect([after.isLoaded, after.settings('c'), after.settings('d')]).toEqual([true, { pinned: true }, {}]);
    await after.load();
    expect(after.settings('d')).toEqual({ pinned: true });
  });

  test('given two devices, when each changes another setting of a conversation, then both hold', async () => {
    const { device } = setup();
    const [a, b] = [device().personal, device().personal];
    await Promise.all([a.load(), b.load()]);
    await a.changeSettings('c', { pinned: true });
    await b.changeSettings('c', { mutedUntil: 'forever' });
    expect(b.settings('c')).toEqual({ pinned: true, mutedUntil: 'forever' });
    await vi.runAllTimersAsync();
    expect(a.settings('c')).toEqual({ pinned: true, mutedUntil: 'forever' });
  });

  test('given a server that refuses, when something is changed, then it is taken back and said', async () => {
    const { device, world } = setup();
    const { personal, problems } = device();
    await personal.load();
    world.isDown = true;
    const done = personal.changeSettings('c', { archived: true });
    expect(personal.settings('c')).toEqual({ archived: true });
    expect(await done).toBe(false);
    expect(personal.settings('c')).toEqual({});
    expect(problems).toEqual(['unavailable']);
  });

  test('given several changes in a row, when they are written, then all hold and nothing flickers', async () => {
    const { device, server } = setup();
    const { personal } = device();
    await personal.load();
    const seen: ConversationSettings[] = [];
    const all = [
      personal.changeSettings('c', { pinned: true }),
      personal.changeSettings('c', { notify: 'mentions' }),
      personal.changeSettings('c', { pinned: undefined }),
    ];
    seen.push(personal.settings('c'));
    await Promise.all(all);
    seen.push(personal.settings('c'));
    expect(seen).toEqual([{ notify: 'mentions' }, { notify: 'mentions' }]);
    expect(server.changes(0).items.map(({ value }) => value)).toEqual([{ notify: 'mentions' }]);
  });

  test('given a setting that was the only one, when it is taken out, then nothing is kept', async () => {
    const { device, server } = setup();
    const { personal } = device();
    await personal.load();
    await personal.changeSettings('c', { pinned: true });
    await personal.changeSettings('c', { pinned: undefined });
    expect(server.changes(0).items).toEqual([]);
  });

  test('given a mute that ends, when its time has come, then it is over without anybody doing anything', async () => {
    const { device } = setup();
    const { personal } = device();
    await personal.load();
    await personal.changeSettings('c', { mutedUntil: '2026-11-30T11:00:00.000Z' });
    expect(personal.isMuted('c')).toBe(true);
    await vi.advanceTimersByTimeAsync(3_601_000);
    expect(personal.isMuted('c')).toBe(false);
  });

  test('saved messages stand newest first', async () => {
    const { device } = setup();
    const { personal } = device();
    await personal.load();
    for (const [id, at] of [
      ['one', '2026-01-01T00:00:00.000Z'],
      ['two', '2026-02-01T00:00:00.000Z'],
    ] as const)
      await personal.change('saved', id, () => ({ conversationId: 'c', at }));
    expect(personal.savedMessages.map(({ messageId }) => messageId)).toEqual(['two', 'one']);
    await personal.change('saved', 'two', () => null);
    expect(personal.savedMessages.map(({ messageId }) => messageId)).toEqual(['one']);
  });
});

describe('Drafts', () => {
  const memory = () => {
    const map = new Map<string, string>();
    return {
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
      removeItem: (key: string) => void map.delete(key),
    };
  };
  const withDrafts = () => {
    const { device, world, server } = setup();
    const writer = async (storage = memory()) => {
      const { personal } = device();
      await personal.load();
      const asked: { takeTheirs: () => void; keepMine: () => void }[] = [];
      const drafts = new Drafts({
        userId: 'me',
        personal,
        storage,
        onConflict: (_id, choose) => asked.push(choose),
      });
      return { drafts, asked, storage };
    };
    const kept = () => server.changes(0).items.map(({ value }) => value);
    return { writer, world, kept };
  };

  test('given typing, when it pauses, then one draft is written and another device shows it', async () => {
    const { writer, kept } = withDrafts();
    const [a, b] = [await writer(), await writer()];
    for (const words of ['x', 'xi', 'xin']) a.drafts.set('c', words);
    expect(kept()).toEqual([]);
    await vi.runAllTimersAsync();
    expect(kept()).toEqual([{ content: 'xin', replyTo: null }]);
    expect(b.drafts.get('c')).toBe('xin');
    b.drafts.delete('c');
    await vi.runAllTimersAsync();
    expect([a.drafts.get('c'), kept()]).toEqual([undefined, []]);
  });

  test('given no server, when the page is loaded again, then what was typed is there and is written later', async () => {
    const { writer, world, kept } = withDrafts();
    const first = await writer();
    world.isDown = true;
    first.drafts.set('c', 'not lost', 'm');
    await vi.advanceTimersByTimeAsync(5_000);
    const again = await writer(first.storage);
    expect(again.drafts.whole('c')).toMatchObject({ content: 'not lost', replyTo: 'm' });
    world.isDown = false;
    again.drafts.flush();
    await vi.runAllTimersAsync();
    expect(kept()).toEqual([{ content: 'not lost', replyTo: 'm' }]);
  });

  const bothWrite = async () => {
    const { writer, kept } = withDrafts();
    const [a, b] = [await writer(), await writer()];
    a.drafts.set('c', 'mine');
    b.drafts.set('c', 'theirs');
    b.drafts.flush();
    await vi.runAllTimersAsync();
    return { a, b, kept };
  };

  test('given two devices that wrote, when one is asked, then both texts are there until it takes the other', async () => {
    const { a, kept } = await bothWrite();
    expect([a.drafts.get('c'), kept()]).toEqual(['mine', [{ content: 'theirs', replyTo: null }]]);
    a.asked[0]!.takeTheirs();
    expect(a.drafts.get('c')).toBe('theirs');
  });

  test('given two devices that wrote, when one keeps its own, then that is the draft of both', async () => {
    const { a, b, kept } = await bothWrite();
    a.asked[0]!.keepMine();
    await vi.runAllTimersAsync();
    expect([b.drafts.get('c'), kept()]).toEqual(['mine', [{ content: 'mine', replyTo: null }]]);
  });

  test('given two devices that wrote, when one sends its own, then the text of the other is the draft', async () => {
    const { a, kept } = await bothWrite();
    a.drafts.delete('c');
    await vi.runAllTimersAsync();
    expect([a.drafts.get('c'), kept()]).toEqual(['theirs', [{ content: 'theirs', replyTo: null }]]);
  });
});

import 'fake-indexeddb/auto';
import { flushSync } from 'svelte';
import { describe, expect, test } from 'vitest';
import { ApiProblem } from '../api.ts';
import type { PendingFile } from '../merge.ts';
import type { Attachment } from '../protocol.ts';
import { Shelf } from './shelf.ts';
import { Uploads, type UploadsOptions } from './uploads.svelte.ts';

type Job = Parameters<UploadsOptions['send']>[0];

let people = 0;
const memory = () => {
  let kept: string | null = null;
  return {
    read: () => kept,
    write: (text: string) => {
      kept = text;
    },
  };
};
/** The browser's locks; a page that ends lets go of what it holds. */
const lockManager = () => {
  const tails = new Map<string, Promise<unknown>>();
  return () => {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const request = (name: string, options: LockOptions, work: () => Promise<unknown>) => {
      const turn = (tails.get(name) ?? Promise.resolve()).then(() =>
        options.signal?.aborted ? undefined : Promise.race([work(), ended]),
      );
      tails.set(name, turn);
      return turn;
    };
    return { locks: { request } as unknown as LockManager, end };
  };
};
const until = async (isSo: () => boolean) => {
  for (let turn = 0; turn < 400 && !isSo(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(isSo()).toBe(true);
};

const browser = () => ({ userId: `person ${++people}`, store: memory(), locks: lockManager() });
const tab = ({ userId, store, locks }: ReturnType<typeof browser>, { isRemembering = true } = {}) => {
  const jobs: (Job & { done: (id: string) => void; fail: (code: string) => void })[] = [];
  const done: [string, string][] = [];
  const cancelled: string[] = [];
  const later: (() => void)[] = [];
  const page = locks();
  const uploads = new Uploads({
    store: isRemembering ? store : memory(),
    locks: page.locks,
    shelf: new Shelf(userId),
    now: () => 1_000,
    after: (work) => later.push(work),
    look: async () => null,
    api: {
      authorization: async () => '',
      beginUpload: () => Promise.reject(new Error('not here')),
      upload: () => Promise.reject(new Error('not here')),
      completeUpload: () => Promise.reject(new Error('not here')),
      cancelUpload: async (id) => void cancelled.push(id),
    },
    send: (job) =>
      new Promise((resolve, reject) => {
        jobs.push({
          ...job,
          done: (mediaId) => resolve({ mediaId, name: job.name, contentType: 'x', size: job.file.size }),
          fail: (code) => reject(new ApiProblem({ code, status: 0, detail: '' })),
        });
      }),
    onDone: (key, { mediaId }) => done.push([key, mediaId]),
  });
  const states = () => uploads.tray('c').map(({ name, state }) => `${name} ${state}`);
  const attach = (...names: string[]) =>
    uploads.attach(
      'c',
      names.map((name) => ({ file: new Blob(['abc']), name })),
    );
  return { end: page.end, uploads, jobs, done, cancelled, later, states, attach };
};
const waiting = (about: PendingFile): PendingFile => ({ ...about, media: null });
const there = (about: PendingFile): PendingFile => ({ ...about, media: { mediaId: 'm' } as Attachment });

describe('Files on their way', () => {
  test('given several files, then two at a time are sent, in order, and each is told when it is there', async () => {
    const { attach, jobs, states, done } = tab(browser());
    attach('a', 'b', 'c');
    await until(() => jobs.length === 2);
    jobs[0]!.onSent(2);
    flushSync();
    expect(states()).toEqual(['a sending', 'b sending', 'c queued']);
    jobs[0]!.onSent(3);
    expect(states()[0]).toBe('a finishing');
    jobs[0]!.done('m1');
    await until(() => jobs.length === 3);
    expect(states()).toEqual(['a done', 'b sending', 'c sending']);
    expect(done.map(([, id]) => id)).toEqual(['m1']);
  });

  test('given a lost connection, then it goes on by itself; given a refusal, then the person decides', async () => {
    const { attach, uploads, jobs, states, later } = tab(browser());
    attach('a', 'b');
    await until(() => jobs.length === 2);
    jobs[0]!.onUpload('u1');
    jobs[0]!.fail('network');
    jobs[1]!.fail('broken_image');
    await until(() => states()[1] === 'b failed');
    expect(states()).toEqual(['a waiting', 'b failed']);
    uploads.wake();
    await until(() => jobs.length === 3);
    expect(jobs[2]!.uploadId).toBe('u1');
    jobs[2]!.fail('unavailable');
    await until(() => later.length === 2);
    later[1]!();
    await until(() => jobs.length === 4);
    uploads.retry(uploads.tray('c')[1]!.key);
    await until(() => jobs.length === 5);
    expect(states()).toEqual(['a sending', 'b sending']);
  });

  test('given a file that is taken back, then it is stopped, the server is told, and the next one goes', async () => {
    const { attach, uploads, jobs, states, cancelled } = tab(browser());
    attach('a', 'b', 'c');
    await until(() => jobs.length === 2);
    jobs[0]!.onUpload('u1');
    uploads.remove(uploads.tray('c')[0]!.key);
    expect([jobs[0]!.signal.aborted, cancelled]).toEqual([true, ['u1']]);
    await until(() => jobs.length === 3);
    expect(states()).toEqual(['b sending', 'c sending']);
  });

  test('given a reload, then what lay beside the draft is there again and goes on, also a large upload where it was', async () => {
    const home = browser();
    const first = tab(home);
    first.attach('a', 'b');
    await until(() => first.jobs.length === 2 && first.uploads.tray('c').every(({ isKept }) => isKept));
    first.jobs[0]!.done('m1');
    first.jobs[1]!.onUpload('u2');
    await until(() => first.states()[0] === 'a done');
    // What was begun is written down beside it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.end();
    const next = tab(home);
    await until(() => next.jobs.length === 1);
    expect(next.states()).toEqual(['a done', 'b sending']);
    expect([next.jobs[0]!.uploadId, await next.jobs[0]!.file.text()]).toEqual(['u2', 'abc']);
  });

  test('given a message that waits and a tab that is gone, then the tab that leads sends its files', async () => {
    const home = browser();
    const first = tab(home);
    first.attach('a');
    await until(() => first.uploads.tray('c').every(({ isKept }) => isKept));
    const [about] = first.uploads.tray('c').map((item) => item.about);
    first.uploads.leaveTray('c');
    expect(first.states()).toEqual([]);
    const leading = tab(home, { isRemembering: false });
    leading.uploads.takeOver([waiting(about!)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([leading.uploads.get(about!.key)?.state, leading.jobs.length]).toEqual(['elsewhere', 0]);
    first.end();
    await until(() => leading.jobs.length === 1);
    leading.jobs[0]!.done('m1');
    await until(() => leading.done.length === 1);
    leading.uploads.release([there(about!)]);
    expect(leading.uploads.get(about!.key)).toBeUndefined();
  });

  test('given a file that no reload can keep, then it says so, and the same one can be chosen once more', async () => {
    const home = browser();
    const { uploads, jobs } = tab(home);
    const about: PendingFile = {
      key: 'k',
      name: 'film.mp4',
      contentType: 'video/mp4',
      size: 3,
      width: null,
      height: null,
      media: null,
    };
    uploads.takeOver([about]);
    await until(() => uploads.get('k')?.state === 'missing');
    expect(uploads.isAtRisk).toBe(false);
    expect(uploads.give('k', new File(['abcd'], 'film.mp4'))).toBe(false);
    expect(uploads.give('k', new File(['abc'], 'film.mp4'))).toBe(true);
    await until(() => jobs.length === 1);
  });

  test('given a file that lay at the server for too long, then it is sent once more', async () => {
    const { attach, uploads, jobs, states } = tab(browser());
    attach('a');
    await until(() => jobs.length === 1);
    jobs[0]!.done('m1');
    await until(() => states()[0] === 'a done');
    uploads.takeOver([waiting(uploads.tray('c')[0]!.about)]);
    await until(() => jobs.length === 2);
    expect(states()).toEqual(['a sending']);
  });
});

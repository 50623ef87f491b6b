// Who is signed in on this page, when several things happen at once.
import { expect, test, vi } from 'vitest';
import type { SignedIn } from '../../../schemas/views.ts';
import { Session } from './session.svelte.ts';

const user = (id: string) => ({ id, username: id }) as SignedIn['user'];

test('who signs out while the session is being renewed stays signed out', async () => {
  vi.stubGlobal('navigator', {});
  let answer: (signedIn: SignedIn) => void = () => undefined;
  const left: string[] = [];
  const api = {
    refresh: () => new Promise<SignedIn>((resolve) => (answer = resolve)),
    signOut: async () => undefined,
  };
  const session = new Session({
    api: () => api as never,
    kept: async () => user('ann'),
    onEnter: () => undefined,
    onLeave: (id) => left.push(id),
  });
  const starting = session.start();
  await expect.poll(() => session.state).toBe('in');
  await session.signOut();
  answer({ user: user('ann'), accessToken: 'token', expiresIn: 900 });
  await starting;
  expect([session.state, session.tokenNow, left]).toEqual(['out', null, ['ann']]);
  vi.unstubAllGlobals();
});

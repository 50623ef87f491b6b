// Settings that follow a person: what this browser keeps, what the account keeps, and which of them counts.
import { describe, expect, test, vi } from 'vitest';
import { Following } from './following.ts';
import type { User } from './protocol.ts';

const user = (preferences?: Record<string, unknown>): User => ({
  id: 'me',
  username: 'ann',
  profilePicUrl: null,
  status: 'online',
  lastOnline: null,
  createdAt: '',
  ...(preferences ? { preferences } : {}),
});

const scene = (start: User) => {
  let me = start;
  const adopt = vi.fn();
  const changeProfile = vi.fn(async (_: string, body: object) =>
    user((body as { preferences: Record<string, unknown> }).preferences),
  );
  const following = new Following({
    api: { changeProfile },
    me: () => me,
    followed: () => ({ theme: 'dark' }),
    adopt,
    onSaved: (saved) => {
      me = saved;
    },
  });
  return { following, adopt, changeProfile, me: () => me };
};

describe('Settings of the account', () => {
  test('given some, when the person is known, then they hold here; given none, then this browser’s stay', () => {
    const { following, adopt } = scene(user());
    following.heard(user());
    following.heard(user({ other: 1 }));
    expect(adopt).not.toHaveBeenCalled();
    following.heard(user({ web: { theme: 'light' } }));
    expect(adopt).toHaveBeenCalledWith({ theme: 'light' });
  });

  test('given a choice, when it is saved, then what other clients keep there stays', async () => {
    const { following, changeProfile, me } = scene(user({ other: { a: 1 }, web: { theme: 'light' } }));
    following.chosen();
    await following.save();
    expect(changeProfile).toHaveBeenCalledWith('me', {
      preferences: { other: { a: 1 }, web: { theme: 'dark' } },
    });
    expect(me().preferences?.web).toEqual({ theme: 'dark' });
    await following.save();
    expect(changeProfile).toHaveBeenCalledTimes(1);
  });

  test('given a choice that cannot be saved, then it is not undone, and goes along with the next one', async () => {
    const { following, adopt, changeProfile } = scene(user());
    changeProfile.mockRejectedValueOnce(new Error('offline'));
    following.chosen();
    await following.save();
    following.heard(user({ web: { theme: 'light' } }));
    expect(adopt).not.toHaveBeenCalled();
    await following.save();
    expect(changeProfile).toHaveBeenCalledTimes(2);
    following.heard(user({ web: { theme: 'light' } }));
    expect(adopt).toHaveBeenCalledTimes(1);
  });
});

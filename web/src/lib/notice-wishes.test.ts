// How the person wants to be told, as they change it: shown at once, written in order, taken back when it is refused.
import { expect, test } from 'vitest';
import { type NotificationPreferences, preferred, usualPreferences } from '../../../schemas/notifications.ts';
import { NoticeWishes } from './notice-wishes.svelte.ts';

const setUp = async () => {
  const server = {
    preferences: usualPreferences as NotificationPreferences,
    refuses: false,
    order: [] as (boolean | undefined)[],
  };
  const wishes = new NoticeWishes(
    {
      notificationPreferences: async () => server.preferences,
      preferNotifications: async (body) => {
        await Promise.resolve();
        if (server.refuses) throw new Error('no');
        server.order.push(body.kinds?.group?.push);
        server.preferences = preferred(server.preferences, body);
        return server.preferences;
      },
    },
    { attempt: (work) => work().catch(() => undefined) },
  );
  await wishes.load();
  return { server, wishes };
};

test('a choice shows at once and leaves the others as they are', async () => {
  const { server, wishes } = await setUp();
  const done = wishes.choose('mention', 'email', false);
  expect(wishes.preferences?.kinds.mention).toEqual({ push: true, email: false });
  await done;
  expect(server.preferences.kinds).toEqual({
    ...usualPreferences.kinds,
    mention: { push: true, email: false },
  });
});

test('the last of quick choices is the one that stays', async () => {
  const { server, wishes } = await setUp();
  await Promise.all([true, false, true, false].map((isOn) => wishes.choose('group', 'push', isOn)));
  expect(server.order).toEqual([true, false, true, false]);
  expect(wishes.preferences?.kinds.group.push).toBe(false);
});

test('what is refused is as it was', async () => {
  const { server, wishes } = await setUp();
  server.refuses = true;
  const done = wishes.change({ afterSeconds: { push: 60 }, keywords: ['deploy'] });
  expect(wishes.preferences).toMatchObject({ afterSeconds: { push: 60, email: 900 }, keywords: ['deploy'] });
  await done;
  expect(wishes.preferences).toEqual(usualPreferences);
});

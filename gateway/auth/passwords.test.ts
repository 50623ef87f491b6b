import { expect, it } from 'vitest';
import { isRefusal } from '../../schemas/refusal.ts';
import { openPasswords } from './passwords.ts';

it('refuses as overloaded what does not fit in the queue, and does the rest', async () => {
  const passwords = await openPasswords({ atOnce: 1, waitingMax: 2 });
  const all = await Promise.all(Array.from({ length: 6 }, () => passwords.hash('password')));
  expect(all.filter((each) => typeof each === 'string')).toHaveLength(3);
  expect(all.filter((each) => isRefusal(each) && each.code === 'overloaded')).toHaveLength(3);
  const hash = await passwords.hash('password');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.matches(String(hash), 'password')).toBe(true);
  expect(await passwords.matches(String(hash), 'Password')).toBe(false);
  expect(await passwords.matches(null, 'password')).toBe(false);
});

import { expect, it } from 'vitest';
import { mailPlaceOf } from './mail-place.ts';
import { placeOf } from './place.ts';

const token = 'aB-_'.repeat(10).concat('xyz');

it('links of mails are places of their own, and of nothing else', () => {
  expect(mailPlaceOf('#/forgot-password')).toEqual({ kind: 'forgot-password' });
  for (const kind of ['reset-password', 'confirm-email', 'unsubscribe'] as const)
    expect(mailPlaceOf(`#/${kind}/${token}`)).toEqual({ kind, token });
  for (const hash of ['', '#/', '#/settings', '#/reset-password', '#/reset-password/short', `#/x/${token}`])
    expect(mailPlaceOf(hash)).toBeNull();
  expect(placeOf(`#/confirm-email/${token}`)).toEqual({ kind: 'home' });
});

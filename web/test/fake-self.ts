// What the fake gateway knows of oneself: profile, choices, devices, password, own data, the end of an account.
import { noChoices } from '../../schemas/choices.ts';
import type { User } from '../src/lib/protocol.ts';
import { type Account, type FakeChat, Refused } from './fake-chat.ts';
import type { Call, Route } from './fake-routes.ts';

export const selfRoutes = (chat: FakeChat): Route[] => {
  const own = ({ me, params }: Call): Account => {
    const account = chat.accounts.get(me);
    if (!account || (params[0] !== undefined && params[0] !== me)) throw new Refused(403, 'not_allowed');
    return account;
  };
  const withPassword = (call: Call, password: unknown): Account => {
    const account = own(call);
    if (account.password !== password) throw new Refused(403, 'wrong_password');
    return account;
  };
  return [
    [
      'PUT',
      /^\/users\/([\w-]+)$/,
      (call) => {
        const account = own(call);
        const { statusText, statusUntil, privacy, password, ...rest } = call.body as Partial<User> & {
          password?: string;
        };
        const isAddressOther = rest.email !== undefined && rest.email !== (account.user.email ?? null);
        if (isAddressOther) withPassword(call, password);
        const { user } = account;
        // Another object each time, as from a real server.
        const next: User = { ...user, ...rest };
        if (privacy) next.privacy = { ...(user.privacy ?? noChoices.privacy), ...privacy };
        if (statusText !== undefined) {
          delete next.statusText;
          delete next.statusUntil;
          if (statusText) next.statusText = statusText;
          if (statusText && statusUntil) next.statusUntil = statusUntil;
        }
        account.user = next;
        chat.onEvent({ to: [call.me], frame: { type: 'account' } });
        return next;
      },
    ],
    ['GET', /^\/sessions$/, (call) => ({ items: own(call).devices, nextCursor: null })],
    [
      'DELETE',
      /^\/sessions$/,
      (call) => {
        const account = own(call);
        account.devices = account.devices.filter(({ current }) => current);
      },
    ],
    [
      'DELETE',
      /^\/sessions\/([\w-]+)$/,
      ({ me, params }) => {
        const account = chat.accounts.get(me)!;
        account.devices = account.devices.filter(({ id }) => id !== params[0]);
      },
    ],
    [
      'PUT',
      /^\/users\/([\w-]+)\/password$/,
      (call) => {
        withPassword(call, call.body.current).password = String(call.body.next);
      },
    ],
    ['GET', /^\/users\/([\w-]+)\/export$/, (call) => ({ end: { at: own(call).user.createdAt } })],
    [
      'DELETE',
      /^\/users\/([\w-]+)$/,
      (call) => {
        withPassword(call, call.body.password);
        chat.accounts.delete(call.me);
      },
    ],
  ];
};

// The HTTP routes of the fake gateway that need a signed-in person.
import { type FakeChat, now, Refused, type Room, react } from './fake-chat.ts';

export type Body = Record<string, unknown>;
type Call = { me: string; params: string[]; query: URLSearchParams; body: Body };
type Route = [method: string, path: RegExp, answer: (call: Call) => unknown];

export const routesOf = (chat: FakeChat, isOnline: (userId: string) => boolean): Route[] => {
  const page = <T>(items: T[]) => ({ items, nextCursor: null });
  const room = (call: Call): Room => chat.roomOf(call.params[0]!, call.me);
  const history = (call: Call) => {
    const { messages } = room(call);
    const limit = Number(call.query.get('limit') ?? 50);
    const before = Number(call.query.get('before') ?? Number.MAX_SAFE_INTEGER);
    return page(messages.filter(({ position }) => Number(position) < before).slice(-limit));
  };
  const people = (call: Call) =>
    page(
      [...chat.accounts.values()]
        .map(({ user }) => user)
        .filter(({ username }) => username.includes(call.query.get('q') ?? '')),
    );
  const asAdmin = (call: Call): Room => {
    const found = room(call);
    if (!found.members.get(call.me)?.isAdmin) throw new Refused(403, 'not_an_admin');
    return found;
  };
  const changed = (found: Room, me: string) => {
    chat.tellConversation(found);
    return chat.view(found, me);
  };

  return [
    ['GET', /^\/users$/, people],
    [
      'GET',
      /^\/users\/active$/,
      () => page([...chat.accounts.values()].map(({ user }) => user).filter(({ id }) => isOnline(id))),
    ],
    ['GET', /^\/users\/([\w-]+)$/, ({ params }) => chat.accounts.get(params[0]!)?.user],
    ['POST', /^\/conversations$/, ({ me, body }) => chat.view(chat.create(me, body as never), me)],
    [
      'GET',
      /^\/conversations$/,
      ({ me }) =>
        page(
          [...chat.rooms.values()].filter(({ members }) => members.has(me)).map((one) => chat.view(one, me)),
        ),
    ],
    ['GET', /^\/conversations\/([\w-]+)$/, (call) => chat.view(room(call), call.me)],
    [
      'PATCH',
      /^\/conversations\/([\w-]+)$/,
      (call) => {
        const found = asAdmin(call);
        Object.assign(found.conversation, call.body, { updatedAt: now() });
        return changed(found, call.me);
      },
    ],
    ['GET', /^\/conversations\/([\w-]+)\/members$/, (call) => page([...room(call).members.values()])],
    [
      'POST',
      /^\/conversations\/([\w-]+)\/members$/,
      (call) => {
        const found = asAdmin(call);
        chat.join(found, String(call.body.userId), false);
        return changed(found, call.me);
      },
    ],
    [
      'PATCH',
      /^\/conversations\/([\w-]+)\/members\/([\w-]+)$/,
      (call) => {
        const found = asAdmin(call);
        const member = found.members.get(call.params[1]!)!;
        found.members.set(member.userId, { ...member, isAdmin: call.body.isAdmin === true });
        return changed(found, call.me);
      },
    ],
    [
      'DELETE',
      /^\/conversations\/([\w-]+)\/members\/([\w-]+)$/,
      (call) => chat.leave(call.params[1] === call.me ? room(call) : asAdmin(call), call.params[1]!),
    ],
    ['GET', /^\/conversations\/([\w-]+)\/messages$/, history],
    [
      'PATCH',
      /^\/messages\/([\w-]+)$/,
      ({ me, params, body }) =>
        chat.change(params[0]!, me, true, () => ({ content: String(body.content), editedAt: now() })),
    ],
    [
      'DELETE',
      /^\/messages\/([\w-]+)$/,
      ({ me, params }) => chat.change(params[0]!, me, true, () => ({ content: '', deletedAt: now() })),
    ],
    [
      'PUT',
      /^\/messages\/([\w-]+)\/reactions\/(.+)$/,
      ({ me, params }) =>
        chat.change(params[0]!, me, false, (message) => react(message, params[1]!, me, true)),
    ],
    [
      'DELETE',
      /^\/messages\/([\w-]+)\/reactions\/(.+)$/,
      ({ me, params }) =>
        chat.change(params[0]!, me, false, (message) => react(message, params[1]!, me, false)),
    ],
  ];
};

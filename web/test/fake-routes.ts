// The HTTP routes of the fake gateway that need a signed-in person.
import type { OrderBody } from '../../schemas/operations.ts';
import type { PersonalKind, PersonalValue } from '../../schemas/personal.ts';
import { readSearch } from '../../schemas/search-query.ts';
import { fold, tokensOf } from '../../schemas/search-text.ts';
import type { User } from '../src/lib/protocol.ts';
import { botRoutes } from './fake-bots.ts';
import { type FakeChat, now, Refused, type Room, react } from './fake-chat.ts';
import { notificationRoutes } from './fake-notifications.ts';
import { selfRoutes } from './fake-self.ts';
import { statisticsOf } from './fake-statistics.ts';

export type Body = Record<string, unknown>;
export type Call = { me: string; params: string[]; query: URLSearchParams; body: Body };
export type Route = [method: string, path: RegExp, answer: (call: Call) => unknown];

const foldedName = (name: string): string => fold(name.toLowerCase());

export const routesOf = (chat: FakeChat, isOnline: (userId: string) => boolean): Route[] => {
  const page = <T>(items: T[]) => ({ items, nextCursor: null });
  const room = (call: Call): Room => chat.roomOf(call.params[0]!, call.me);
  const history = (call: Call) => {
    const { messages } = room(call);
    const limit = Number(call.query.get('limit') ?? 50);
    const [before, after, since] = ['before', 'after', 'since'].map((name) => call.query.get(name));
    const from = since ? messages.findIndex(({ createdAt }) => createdAt >= since) : 0;
    const all = from < 0 ? [] : messages.slice(from);
    const fits = all.filter(
      ({ position }) =>
        Number(position) < Number(before ?? Number.MAX_SAFE_INTEGER) && Number(position) > Number(after ?? 0),
    );
    const isForward = after !== null || since !== null;
    const items = isForward ? fits.slice(0, limit) : fits.slice(-limit);
    const edge = isForward ? items.at(-1) : items[0];
    return { items, nextCursor: fits.length > limit ? (edge?.position ?? null) : null };
  };
  /** All words must occur, without regard to accents; newest first. Of the operators only `in:` is known. */
  const search = ({ me, query }: Call) => {
    const words = readSearch(query.get('q') ?? '');
    const limit = Number(query.get('limit') ?? 50);
    const first = Number(query.get('cursor') ?? 0);
    const fits = (content: string) =>
      words.terms.every(({ tokens: [asked] }) =>
        tokensOf(content).some(({ folded }) => folded === asked?.folded),
      );
    const found = [...chat.rooms.values()]
      .filter(
        ({ members, conversation: { id } }) => members.has(me) && (!words.in[0] || words.in.includes(id)),
      )
      .flatMap((one) => one.messages.map((message) => ({ one, message })))
      .filter(({ message }) => !message.deletedAt && fits(message.content))
      .reverse();
    const items = found.slice(first, first + limit).map(({ one, message }) => ({
      message,
      conversation: chat.view(one, me),
      highlights: tokensOf(message.content)
        .filter(({ folded }) => words.terms.some(({ tokens: [asked] }) => asked?.folded === folded))
        .map(({ start, length }) => ({ start, length })),
    }));
    const nextCursor = found.length > first + limit ? String(first + limit) : null;
    return { items, nextCursor, total: found.length, indexedThrough: chat.indexedThrough ?? now() };
  };
  const people = (call: Call) =>
    page(
      [...chat.accounts.values()]
        .map(({ user }) => user)
        .filter(({ id }) => call.query.get('ids')?.split(',').includes(id) ?? true)
        .filter(({ username }) => foldedName(username).includes(foldedName(call.query.get('q') ?? ''))),
    );
  const asAdmin = (call: Call): Room => {
    const found = room(call);
    if (!found.members.get(call.me)?.isAdmin) throw new Refused(403, 'not_an_admin');
    return found;
  };
  const asOperator =
    (answer: (call: Call, me: User) => unknown) =>
    (call: Call): unknown => {
      const me = chat.accounts.get(call.me)?.user;
      if (!me?.isInstanceAdmin) throw new Refused(404, 'not_found');
      return answer(call, me);
    };
  const changed = (found: Room, me: string) => {
    chat.tellConversation(found);
    return chat.view(found, me);
  };

  const { operations } = chat;
  const userOf = ({ params }: Call) => chat.accounts.get(params[0]!)!.user;
  const admins = () =>
    [...chat.accounts.values()]
      .filter(({ user }) => user.isInstanceAdmin)
      .map(({ user }) => ({ userId: user.id, username: user.username, grantedAt: now(), grantedBy: null }));
  const setAdmin = (isInstanceAdmin: boolean) => (call: Call) =>
    void Object.assign(userOf(call), { isInstanceAdmin });

  return [
    ...selfRoutes(chat),
    ...botRoutes(chat),
    ...notificationRoutes(chat.notifications),
    ['GET', /^\/operations$/, asOperator(() => operations.overview())],
    [
      'GET',
      /^\/operations\/dead-letters$/,
      asOperator(({ query }) => page(operations.deadLetters(query.get('only')))),
    ],
    ['GET', /^\/operations\/events\/([\w.]+\/\d+\/\d+)$/, asOperator(() => operations.inspect())],
    [
      'POST',
      /^\/operations\/orders$/,
      asOperator(({ body }, me) => operations.order(body as OrderBody, me.username)),
    ],
    ['GET', /^\/operations\/admins$/, asOperator(() => page(admins()))],
    ['PUT', /^\/operations\/admins\/([\w-]+)$/, asOperator(setAdmin(true))],
    ['DELETE', /^\/operations\/admins\/([\w-]+)$/, asOperator(setAdmin(false))],
    ['GET', /^\/analytics\/conversations\/([\w-]+)$/, (call) => statisticsOf(call.query, room(call))],
    ['GET', /^\/personal$/, ({ me, query }) => chat.personalOf(me).changes(Number(query.get('since') ?? 0))],
    ...(['PUT', 'DELETE'] as const).map(
      (method): Route => [
        method,
        /^\/personal\/(\w+)\/([\w-]+)$/,
        ({ me, params: [kind, key], query, body }) => {
          const base = query.get('base');
          const value = method === 'PUT' ? (body as PersonalValue) : null;
          return chat.keep(me, kind as PersonalKind, key!, value, base === null ? null : Number(base));
        },
      ],
    ),
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
    ...(['PUT', 'DELETE'] as const).map(
      (method): Route => [
        method,
        /^\/messages\/([\w-]+)\/pin$/,
        ({ me, params }) =>
          chat.change(params[0]!, me, false, () => ({ pinnedAt: method === 'PUT' ? now() : null })),
      ],
    ),
    [
      'DELETE',
      /^\/messages\/([\w-]+)\/previews\/([\w-]+)$/,
      ({ me, params }) =>
        chat.change(params[0]!, me, true, ({ previews }) => ({
          previews: previews.filter(({ id }) => id !== params[1]),
        })),
    ],
    [
      'GET',
      /^\/conversations\/([\w-]+)\/pins$/,
      (call) =>
        page(
          room(call)
            .messages.filter(({ pinnedAt }) => pinnedAt !== null)
            .reverse(),
        ),
    ],
    ['GET', /^\/conversations\/([\w-]+)\/messages$/, history],
    ['GET', /^\/messages\/([\w-]+)\/reads$/, ({ me, params }) => page(chat.readsOf(params[0]!, me))],
    ['GET', /^\/messages\/([\w-]+)$/, ({ me, params }) => chat.messageOf(params[0]!, me).message],
    [
      'GET',
      /^\/search$/,
      (call) => {
        if (chat.isSearchAway) throw new Refused(503, 'unavailable');
        return search(call);
      },
    ],
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

// The HTTP side of the contract: one small function for each route. A problem is thrown as `ApiProblem`, with the
// server's stable code; no answer at all has the code `network`.

import type {
  ChangeConversationBody,
  CreateConversationBody,
  EraseBody,
  PasswordBody,
  ProfileBody,
  RegisterBody,
  SearchQuery,
  SignInBody,
} from '../../../schemas/http.ts';
import type { PasswordResetBody, Unsubscribed } from '../../../schemas/mail.ts';
import type {
  NotificationExplanation,
  NotificationPreferences,
  NotificationPreferencesBody,
  Subscription,
  SubscriptionBody,
  TestNotice,
} from '../../../schemas/notifications.ts';
import type {
  InspectedEvent,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
  OrderBody,
} from '../../../schemas/operations.ts';
import type {
  PersonalChanges,
  PersonalItem,
  PersonalKind,
  PersonalValue,
} from '../../../schemas/personal.ts';
import type {
  InstanceAdmin,
  Problem,
  SearchResult,
  Session,
  SignedIn,
  Statistics,
} from '../../../schemas/views.ts';
import { mediaCalls } from './media/calls.ts';
import type {
  Conversation,
  Member,
  Message,
  MessageRead,
  MessageVersions,
  PlaybackPage,
  User,
} from './protocol.ts';
import type { StatisticsAsked } from './statistics.ts';

export type Page<T> = { items: T[]; nextCursor: string | null };

export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;

  constructor(problem: Pick<Problem, 'code' | 'status' | 'detail'>) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
  }
}

export type ApiOptions = {
  fetch: typeof fetch;
  token: () => string | null;
  /** Called once after a 401; true when the request is worth another try. */
  renew: () => Promise<boolean>;
};

const answerWithinMs = 20_000;
const ownDataWithinMs = 10 * 60_000;

export type Api = ReturnType<typeof createApi>;

export const createApi = (options: ApiOptions) => {
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    withinMs = answerWithinMs,
  ): Promise<Response> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    const token = options.token();
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    // What was deleted is deleted, though the page goes.
    const keepalive = method === 'DELETE';
    const init: RequestInit = { method, headers, keepalive, signal: AbortSignal.timeout(withinMs) };
    if (body !== undefined) init.body = JSON.stringify(body);
    try {
      return await options.fetch(`/api${path}`, init);
    } catch (cause) {
      throw new ApiProblem({ code: 'network', status: 0, detail: String(cause) });
    }
  };

  const request = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    // Shown from what this browser keeps, the session may not be confirmed yet.
    if (!options.token() && !(await options.renew()))
      throw new ApiProblem({ code: 'network', status: 0, detail: 'The session could not be renewed yet.' });
    let response = await send(method, path, body);
    if (response.status === 401 && options.token() && (await options.renew())) {
      response = await send(method, path, body);
    }
    return answer<T>(response);
  };

  const get = <T>(path: string, query: Record<string, string | number | boolean | undefined> = {}) =>
    request<T>('GET', path + queryText(query));
  const one = (text: string) => encodeURIComponent(text);

  return {
    // These four ask for a session, so a 401 is their answer and not a reason to renew.
    register: async (body: RegisterBody) => answer<SignedIn>(await send('POST', '/users', body)),
    signIn: async (body: SignInBody) => answer<SignedIn>(await send('POST', '/sessions', body)),
    refresh: async () => answer<SignedIn>(await send('POST', '/sessions/refresh')),
    signOut: async () => answer<void>(await send('DELETE', '/sessions/current')),

    // Whoever has the link, signed in or not.
    forgotPassword: async (body: PasswordResetBody) =>
      answer<void>(await send('POST', '/password-resets', body)),
    resetPassword: async (token: string, password: string) =>
      answer<void>(await send('PUT', `/password-resets/${one(token)}`, { password })),
    confirmAddress: async (token: string) =>
      answer<void>(await send('PUT', `/email-confirmations/${one(token)}`)),
    endMails: async (token: string) => answer<Unsubscribed>(await send('POST', `/unsubscribe/${one(token)}`)),
    askForConfirmation: () => request<void>('POST', '/email-confirmations'),

    /** What one page asks for that is loaded by itself. */
    ask: request,

    users: (q: string, limit = 20, cursor?: string) => get<Page<User>>('/users', { q, limit, cursor }),
    activeUsers: (cursor?: string) => get<Page<User>>('/users/active', { cursor, limit: 100 }),
    usersByIds: (ids: readonly string[]) => get<Page<User>>('/users', { ids: ids.join(',') }),
    user: (id: string) => get<User>(`/users/${one(id)}`),
    changeProfile: (id: string, body: ProfileBody) => request<User>('PUT', `/users/${one(id)}`, body),

    devices: () => get<Page<Session>>('/sessions'),
    signDeviceOut: (id: string) => request<void>('DELETE', `/sessions/${one(id)}`),
    signOthersOut: () => request<void>('DELETE', '/sessions'),
    changePassword: (id: string, body: PasswordBody) =>
      request<void>('PUT', `/users/${one(id)}/password`, body),
    deleteAccount: (id: string, body: EraseBody) => request<void>('DELETE', `/users/${one(id)}`, body),
    /** Lines of JSON; as large as all that the person ever wrote. */
    ownData: async (id: string): Promise<Blob> => {
      const response = await send('GET', `/users/${one(id)}/export`, undefined, ownDataWithinMs);
      if (!response.ok) return answer<never>(response);
      return response.blob();
    },

    conversations: (cursor?: string) => get<Page<Conversation>>('/conversations', { cursor, limit: 100 }),
    conversation: (id: string) => get<Conversation>(`/conversations/${one(id)}`),
    createConversation: (body: CreateConversationBody) =>
      request<Conversation>('POST', '/conversations', body),
    changeConversation: (id: string, body: ChangeConversationBody) =>
      request<Conversation>('PATCH', `/conversations/${one(id)}`, body),

    members: (id: string, cursor?: string) =>
      get<Page<Member>>(`/conversations/${one(id)}/members`, { cursor, limit: 100 }),
    addMember: (id: string, userId: string) =>
      request<unknown>('POST', `/conversations/${one(id)}/members`, { userId }),
    setAdmin: (id: string, userId: string, isAdmin: boolean) =>
      request<unknown>('PATCH', `/conversations/${one(id)}/members/${one(userId)}`, { isAdmin }),
    removeMember: (id: string, userId: string) =>
      request<unknown>('DELETE', `/conversations/${one(id)}/members/${one(userId)}`),

    operations: () => get<OperationsOverview>('/operations'),
    deadLetters: (query: { limit: number; cursor?: string | undefined; only?: string | undefined }) =>
      get<Page<OperatorDeadLetter>>('/operations/dead-letters', query),
    inspectEvent: ({ topic, partition, offset }: { topic: string; partition: number; offset: number }) =>
      get<InspectedEvent>(`/operations/events/${one(topic)}/${partition}/${offset}`),
    order: (body: OrderBody) => request<OperatorOrder>('POST', '/operations/orders', body),
    admins: () => get<Page<InstanceAdmin>>('/operations/admins'),
    grantAdmin: (id: string) => request<void>('PUT', `/operations/admins/${one(id)}`),
    revokeAdmin: (id: string) => request<void>('DELETE', `/operations/admins/${one(id)}`),

    history: (id: string, query: { before?: string; after?: string; since?: string; limit: number }) =>
      get<Page<Message>>(`/conversations/${one(id)}/messages`, query),
    message: (id: string) => get<Message>(`/messages/${one(id)}`),
    search: (query: SearchQuery) => get<SearchResult>('/search', query),
    playback: (id: string, query: { before?: string; after?: string; at?: string; limit: number }) =>
      get<PlaybackPage>(`/conversations/${one(id)}/playback`, query),
    reads: (id: string, cursor?: string) =>
      get<Page<MessageRead>>(`/messages/${one(id)}/reads`, { cursor, limit: 100 }),
    versions: (id: string) => get<MessageVersions>(`/messages/${one(id)}/versions`),
    statistics: (conversationId: string | null, asked: StatisticsAsked) =>
      get<Statistics>(
        conversationId === null ? '/analytics' : `/analytics/conversations/${one(conversationId)}`,
        asked,
      ),
    edit: (id: string, content: string) => request<unknown>('PATCH', `/messages/${one(id)}`, { content }),
    remove: (id: string) => request<unknown>('DELETE', `/messages/${one(id)}`),
    pin: (id: string, isOn: boolean) => request<Message>(isOn ? 'PUT' : 'DELETE', `/messages/${one(id)}/pin`),
    removePreview: (id: string, previewId: string) =>
      request<Message>('DELETE', `/messages/${one(id)}/previews/${one(previewId)}`),
    pinned: (conversationId: string) => get<Page<Message>>(`/conversations/${one(conversationId)}/pins`),
    react: (id: string, emoji: string, isOn: boolean) =>
      request<unknown>(isOn ? 'PUT' : 'DELETE', `/messages/${one(id)}/reactions/${one(emoji)}`),

    ...mediaCalls({ ...options, request }),

    notificationPreferences: () => get<NotificationPreferences>('/notifications/preferences'),
    preferNotifications: (body: NotificationPreferencesBody) =>
      request<NotificationPreferences>('PUT', '/notifications/preferences', body),
    pushKey: () => get<{ publicKey: string | null }>('/notifications/push-key'),
    pushDevices: () => get<Page<Subscription>>('/notifications/subscriptions'),
    subscribe: (body: SubscriptionBody) =>
      request<Subscription>('POST', '/notifications/subscriptions', body),
    /** Of another device by its id; else this one's. */
    unsubscribe: (id = '') => request<void>('DELETE', `/notifications/subscriptions${id && `/${one(id)}`}`),
    testNotification: (channel: 'push' | 'email') =>
      request<TestNotice>('POST', '/notifications/test', { channel }),
    explainNotification: (messageId: string) =>
      get<NotificationExplanation>('/notifications/explain', { messageId }),

    /** Everything with `since` 0; go on with `cursor` until there is no next one. */
    personal: (since: number, cursor?: string) =>
      get<PersonalChanges>('/personal', { since, cursor, limit: 100 }),
    /** Null removes. With `base` the problem `conflict` says that another device was first. */
    setPersonal: (kind: PersonalKind, key: string, value: PersonalValue | null, base?: number) =>
      request<PersonalItem>(
        value === null ? 'DELETE' : 'PUT',
        `/personal/${kind}/${one(key)}${queryText({ base })}`,
        value ?? undefined,
      ),
  };
};

const queryText = (query: Record<string, string | number | boolean | undefined>): string => {
  const entries = Object.entries(query).filter((entry) => entry[1] !== undefined && entry[1] !== '');
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : '';
};

const answer = async <T>(response: Response): Promise<T> => {
  const text = await response.text().catch(() => '');
  const json = parse(text);
  if (response.ok) return json as T;
  const problem = (json ?? {}) as Partial<Problem>;
  const fallback = response.status >= 502 ? 'unavailable' : 'unknown';
  throw new ApiProblem({
    code: problem.code ?? fallback,
    status: response.status,
    detail: problem.detail ?? problem.title ?? `HTTP ${response.status}`,
  });
};

const parse = (text: string): unknown => {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
};

// Every route of the protocol as a method. Failures are thrown as `ProblemError`; `ask` answers whatever came.
import { randomUUID } from 'node:crypto';
import type {
  NotificationExplanation,
  NotificationPreferences,
  NotificationPreferencesBody,
  Subscription,
  SubscriptionBody,
} from '../../schemas/notifications.ts';
import type { PersonalChanges, PersonalItem, PersonalKind } from '../../schemas/personal.ts';
import type {
  Conversation,
  HistoryPage,
  Member,
  Message,
  MessageRead,
  MessageVersions,
  PlaybackPage,
  Session,
  SignedIn,
  User,
} from '../../schemas/views.ts';
import { HttpClient } from './http.ts';

export type Page<T> = { items: T[]; nextCursor: string | null };
export type HistoryAsked = { before?: string; after?: string; since?: string; limit?: number };

const query = (asked: Record<string, string | number | undefined>): string => {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : '';
};

export class Api extends HttpClient {
  async register(username: string, password: string, email?: string): Promise<SignedIn> {
    const body = { username, password, ...(email ? { email } : {}) };
    return this.#signedIn(await this.call('POST', '/api/users', body));
  }

  async signIn(username: string, password: string): Promise<SignedIn> {
    return this.#signedIn(await this.call('POST', '/api/sessions', { username, password }));
  }

  async refresh(): Promise<SignedIn> {
    return this.#signedIn(await this.call('POST', '/api/sessions/refresh'));
  }

  signOut(): Promise<null> {
    return this.call('DELETE', '/api/sessions/current');
  }

  devices(): Promise<Page<Session>> {
    return this.call('GET', '/api/sessions');
  }

  revokeOthers(): Promise<null> {
    return this.call('DELETE', '/api/sessions');
  }

  preferences(): Promise<NotificationPreferences> {
    return this.call('GET', '/api/notifications/preferences');
  }

  prefer(change: NotificationPreferencesBody): Promise<NotificationPreferences> {
    return this.call('PUT', '/api/notifications/preferences', change);
  }

  subscribe(subscription: SubscriptionBody): Promise<Subscription> {
    return this.call('POST', '/api/notifications/subscriptions', subscription);
  }

  explain(messageId: string): Promise<NotificationExplanation> {
    return this.call('GET', `/api/notifications/explain?messageId=${messageId}`);
  }

  change(userId: string, change: object): Promise<User> {
    return this.call('PUT', `/api/users/${userId}`, change);
  }

  changePassword(userId: string, current: string, next: string): Promise<null> {
    return this.call('PUT', `/api/users/${userId}/password`, { current, next });
  }

  deleteAccount(userId: string, body: { password: string; deleteMessages?: boolean }): Promise<null> {
    return this.call('DELETE', `/api/users/${userId}`, body);
  }

  revoke(sessionId: string): Promise<null> {
    return this.call('DELETE', `/api/sessions/${sessionId}`);
  }

  users(asked: { q?: string; limit?: number; cursor?: string } = {}): Promise<Page<User>> {
    return this.call('GET', `/api/users${query(asked)}`);
  }

  /** Everybody who is online or away, over all pages. */
  async active(): Promise<User[]> {
    return this.#all<User>('/api/users/active');
  }

  user(id: string): Promise<User> {
    return this.call('GET', `/api/users/${id}`);
  }

  createDirect(userId: string): Promise<Conversation> {
    return this.call('POST', '/api/conversations', { isGroup: false, memberIds: [userId] });
  }

  createGroup(name: string, memberIds: string[]): Promise<Conversation> {
    return this.call('POST', '/api/conversations', { isGroup: true, name, memberIds });
  }

  conversations(asked: { limit?: number; cursor?: string } = {}): Promise<Page<Conversation>> {
    return this.call('GET', `/api/conversations${query(asked)}`);
  }

  conversation(id: string): Promise<Conversation> {
    return this.call('GET', `/api/conversations/${id}`);
  }

  changeConversation(id: string, change: object): Promise<Conversation> {
    return this.call('PATCH', `/api/conversations/${id}`, change);
  }

  members(id: string): Promise<Member[]> {
    return this.#all<Member>(`/api/conversations/${id}/members`);
  }

  addMember(id: string, userId: string, isAdmin?: boolean): Promise<Conversation> {
    const body = { userId, ...(isAdmin === undefined ? {} : { isAdmin }) };
    return this.call('POST', `/api/conversations/${id}/members`, body);
  }

  changeMember(id: string, userId: string, isAdmin: boolean): Promise<Conversation> {
    return this.call('PATCH', `/api/conversations/${id}/members/${userId}`, { isAdmin });
  }

  removeMember(id: string, userId: string): Promise<null> {
    return this.call('DELETE', `/api/conversations/${id}/members/${userId}`);
  }

  send(conversationId: string, content: string, more: object = {}): Promise<Message> {
    const body = { ref: randomUUID(), content, ...more };
    return this.call('POST', `/api/conversations/${conversationId}/messages`, body);
  }

  history(conversationId: string, asked: HistoryAsked = {}): Promise<Page<Message>> {
    return this.call('GET', `/api/conversations/${conversationId}/messages${query(asked)}`);
  }

  historyAt(conversationId: string, at: string, asked: HistoryAsked = {}): Promise<HistoryPage> {
    return this.call('GET', `/api/conversations/${conversationId}/messages${query({ ...asked, at })}`);
  }

  playback(conversationId: string, asked: HistoryAsked & { at?: string } = {}): Promise<PlaybackPage> {
    return this.call('GET', `/api/conversations/${conversationId}/playback${query(asked)}`);
  }

  reads(messageId: string, asked: { limit?: number; cursor?: string } = {}): Promise<Page<MessageRead>> {
    return this.call('GET', `/api/messages/${messageId}/reads${query(asked)}`);
  }

  versions(messageId: string): Promise<MessageVersions> {
    return this.call('GET', `/api/messages/${messageId}/versions`);
  }

  /** All of it, oldest first. */
  async wholeHistory(conversationId: string): Promise<Message[]> {
    const all: Message[] = [];
    for (let after = '0'; ; ) {
      const { items } = await this.history(conversationId, { after, limit: 100 });
      all.push(...items);
      const last = items.at(-1);
      if (!last) return all;
      after = last.position;
    }
  }

  message(messageId: string): Promise<Message> {
    return this.call('GET', `/api/messages/${messageId}`);
  }

  edit(messageId: string, content: string): Promise<Message> {
    return this.call('PATCH', `/api/messages/${messageId}`, { content });
  }

  deleteMessage(messageId: string): Promise<Message> {
    return this.call('DELETE', `/api/messages/${messageId}`);
  }

  react(messageId: string, emoji: string): Promise<Message> {
    return this.call('PUT', `/api/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`);
  }

  unreact(messageId: string, emoji: string): Promise<Message> {
    return this.call('DELETE', `/api/messages/${messageId}/reactions/${encodeURIComponent(emoji)}`);
  }

  pin(messageId: string): Promise<Message> {
    return this.call('PUT', `/api/messages/${messageId}/pin`);
  }

  unpin(messageId: string): Promise<Message> {
    return this.call('DELETE', `/api/messages/${messageId}/pin`);
  }

  removePreview(messageId: string, previewId: string): Promise<Message> {
    return this.call('DELETE', `/api/messages/${messageId}/previews/${previewId}`);
  }

  async pinned(conversationId: string): Promise<Message[]> {
    return (await this.call<Page<Message>>('GET', `/api/conversations/${conversationId}/pins`)).items;
  }

  markRead(messageId: string): Promise<null> {
    return this.call('PUT', `/api/messages/${messageId}/read`);
  }

  personal(since: number, asked: { limit?: number; cursor?: string } = {}): Promise<PersonalChanges> {
    return this.call('GET', `/api/personal${query({ since, ...asked })}`);
  }

  put(kind: PersonalKind, key: string, value: object, base?: number): Promise<PersonalItem> {
    return this.call('PUT', `/api/personal/${kind}/${key}${query({ base })}`, value);
  }

  drop(kind: PersonalKind, key: string, base?: number): Promise<PersonalItem> {
    return this.call('DELETE', `/api/personal/${kind}/${key}${query({ base })}`);
  }

  async #all<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.call<Page<T>>('GET', `${path}${query({ limit: 100, cursor })}`);
      all.push(...page.items);
      if (page.nextCursor === null) return all;
      cursor = page.nextCursor;
    }
  }

  #signedIn(answer: SignedIn): SignedIn {
    this.token = answer.accessToken;
    return answer;
  }
}

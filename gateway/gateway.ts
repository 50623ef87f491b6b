// A gateway put together behind one face: the chat for the HTTP routes, the sockets, and how it ends.

import type { PersonalItems } from '../ports/accounts/port.ts';
import type { AnalyticsReader } from '../ports/analytics/port.ts';
import { reasonOf } from '../ports/errors.ts';
import { partitionFor } from '../ports/event-log/partition.ts';
import type { EventLog } from '../ports/event-log/port.ts';
import type { HistoryReader } from '../ports/history/port.ts';
import type { Presence, Status } from '../ports/presence/port.ts';
import type { SearchReader } from '../ports/search/port.ts';
import { isAdmin, isMember } from '../producers/state.ts';
import type { ChoicesPatch } from '../schemas/choices.ts';
import { encodeEvent, makeEvent } from '../schemas/codec.ts';
import type { ChatEvent, EventType } from '../schemas/events.ts';
import { eventTypes } from '../schemas/events.ts';
import type { SearchQuery } from '../schemas/http.ts';
import { limits } from '../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../schemas/refusal.ts';
import type { TopicShape } from '../schemas/topics.ts';
import { StatisticsOf } from './analytics/statistics.ts';
import type { BotGate } from './auth/scopes.ts';
import type { Chat } from './chat.ts';
import type { ChoicesKept } from './choices.ts';
import { Conversations } from './conversations.ts';
import { openLive } from './live/live.ts';
import { MediaDoor, type MediaOptions } from './media/media.ts';
import { Mentions } from './mentions.ts';
import { Messages, type Sent } from './messages.ts';
import { Past } from './past.ts';
import { Personal } from './personal.ts';
import { GatewayPresence } from './presence.ts';
import { Search } from './search/search.ts';
import { Arrivals } from './socket/arrival.ts';
import { Handlers } from './socket/handlers.ts';
import { type Signed, Sockets } from './socket/server.ts';
import { Submit } from './submit.ts';

export type GatewayOptions = {
  log: EventLog;
  history: HistoryReader;
  presence: Presence;
  /** Null: there is none here. */
  search: SearchReader | null;
  analytics: AnalyticsReader;
  personal: PersonalItems;
  media: Omit<MediaOptions, 'history' | 'submit'>;
  /** Already started. */
  choices: ChoicesKept;
  topics: TopicShape[];
  verify: (token: string) => Signed | null | Promise<Signed | null>;
  botGate: BotGate;
  onSessionRevoked: (sessionId: string) => void;
  originAllowed: (origin: string, host: string | undefined) => boolean;
  rateLimits: boolean;
  logger: { warn(fields: object, message: string): void };
  onFailure: (error: Error) => void;
  gauge: (connections: number) => void;
};

export type Gateway = Awaited<ReturnType<typeof openGateway>>;

const notAMember = refuse('not_a_member', 'You are not a member of this conversation, or it does not exist.');

/** Resolves when it can take commands. */
export const openGateway = async (options: GatewayOptions) => {
  const { log, history, logger, onFailure, choices } = options;
  const onFault = (error: unknown) => onFailure(error instanceof Error ? error : new Error(String(error)));
  const live = await openLive({
    log,
    history,
    logger,
    onFailure,
    onSessionRevoked: options.onSessionRevoked,
    choices,
  });

  /** Appends an event that needs no admission; resolves with its place. */
  const publish = async (event: ChatEvent): Promise<{ partition: number; place: number }> => {
    const { topic } = eventTypes[event.type as EventType];
    const shape = options.topics.find(({ name }) => name === topic);
    if (!shape) throw new Error(`no topic for ${event.type}`);
    const partition = partitionFor(event.subject, shape.partitions);
    const [offset] = await log.append(topic, [{ partition, key: event.subject, value: encodeEvent(event) }]);
    return { partition, place: (offset as number) + 1 };
  };

  const presence = new GatewayPresence({
    gatewayId: crypto.randomUUID(),
    presence: options.presence,
    publish: async (event) => {
      await publish(event);
    },
    lastHeard: (userId) => live.lastHeard.of(userId),
    isInvisible: (userId) => choices.of(userId).privacy.invisible,
    logger,
  });
  choices.onChanged = async (userId, before, now) => {
    if (before.privacy.invisible !== now.privacy.invisible) await presence.visibilityChanged(userId);
  };
  const submit = new Submit({
    live,
    log,
    onUnreadable: (events) => logger.warn({ events }, 'an event that nobody could read was not written'),
  });
  const media = new MediaDoor({ ...options.media, history, submit });
  const messages = new Messages({
    submit,
    mentions: new Mentions(history),
    history,
    attach: (userId, ids) => media.attachments(userId, ids),
  });
  const conversations = new Conversations({ submit, history });

  const past = new Past({ submit, history, conversations, messages });
  const search = new Search({
    index: options.search,
    history,
    submit,
    conversations,
    onAway: ({ code, message }) => logger.warn({ code, reason: message }, 'search is away'),
  });

  const statistics = new StatisticsOf({ analytics: options.analytics, history, submit });

  const isMemberOf = async (userId: string, conversationId: string): Promise<boolean> => {
    const { state } = await submit.entry(conversationId);
    return state !== null && isMember(state, userId);
  };
  const personal = new Personal({
    store: options.personal,
    isMember: isMemberOf,
    message: (userId, id) => messages.one(userId, id),
    publish,
    onUnheard: (error) =>
      logger.warn({ reason: reasonOf(error) }, 'other devices hear later of a personal change'),
  });

  /** Known here at once; the person's other devices and other gateways learn of it by a signal, or when they next ask. */
  const accountChanged = async (userId: string): Promise<void> => {
    await choices.heard(userId);
    const time = new Date().toISOString();
    const id = crypto.randomUUID();
    publish(makeEvent({ type: 'account.changed', id, subject: userId, actor: userId, time, data: {} })).catch(
      (error) => logger.warn({ reason: reasonOf(error) }, 'others hear later of a change of an account'),
    );
  };
  const choose = async (userId: string, patch: ChoicesPatch): Promise<void> => {
    await choices.choose(userId, patch);
    await accountChanged(userId);
  };

  const typing = async (actorId: string, conversationId: string): Promise<Refusal | null> => {
    const closed = live.closedFor();
    if (closed) return closed;
    if (choices.of(actorId).privacy.hideTyping) return null;
    if (!(await isMemberOf(actorId, conversationId))) return notAMember;
    await publish(
      makeEvent({
        type: 'typing.started',
        id: crypto.randomUUID(),
        subject: conversationId,
        actor: actorId,
        time: new Date().toISOString(),
        data: { conversationId, userId: actorId },
      }),
    );
    return null;
  };

  const delivered = async (
    actorId: string,
    conversationId: string,
    position: string,
  ): Promise<Refusal | null> => {
    const closed = live.closedFor();
    if (closed) return closed;
    const { state } = await submit.entry(conversationId);
    if (!state || !isMember(state, actorId)) return notAMember;
    if (state.activeCount > limits.deliveredMembersMax || choices.of(actorId).privacy.hideReads) return null;
    await publish(
      makeEvent({
        type: 'delivery.noted',
        id: crypto.randomUUID(),
        subject: conversationId,
        actor: actorId,
        time: new Date().toISOString(),
        data: { conversationId, userId: actorId, position },
      }),
    );
    return null;
  };

  const chat: Chat = {
    createConversation: (actorId, body) => conversations.create(actorId, body),
    changeConversation: (actorId, id, body) => conversations.change(actorId, id, body),
    addMember: (actorId, id, body) => conversations.addMember(actorId, id, body),
    changeMember: (actorId, id, userId, isAdmin) => conversations.changeMember(actorId, id, userId, isAdmin),
    removeMember: (actorId, id, userId) => conversations.removeMember(actorId, id, userId),
    send: async (actorId, command) => {
      const sent = await new Promise<Sent | Refusal>(
        (resolve) => void messages.send(actorId, command, resolve),
      );
      return isRefusal(sent) ? sent : { message: sent.message, first: sent.first };
    },
    message: (actorId, id) => messages.one(actorId, id),
    edit: (actorId, id, content) => messages.edit(actorId, id, content),
    deleteMessage: (actorId, id) => messages.delete(actorId, id),
    react: (actorId, id, emoji, active) => messages.react(actorId, id, emoji, active),
    pin: (actorId, id, active) => messages.pin(actorId, id, active),
    removePreview: (actorId, id, previewId) => messages.removePreview(actorId, id, previewId),
    pinned: async (actorId, id) => {
      const entry = await conversations.readable(actorId, id);
      return entry ? { items: await messages.pinned(actorId, entry), nextCursor: null } : notAMember;
    },
    markRead: (actorId, id, conversationId) => messages.markRead(actorId, id, conversationId),
    typing,
    conversations: (actorId, request) => conversations.list(actorId, request),
    conversation: (actorId, id) => conversations.one(actorId, id),
    members: (actorId, id, request) => conversations.members(actorId, id, request),
    history: (actorId, id, request) =>
      request.at === undefined
        ? conversations.history(actorId, id, request)
        : past.historyAt(actorId, id, { ...request, at: request.at }),
    playback: (actorId, id, request) => past.playback(actorId, id, request),
    versions: (actorId, id) => past.versions(actorId, id),
    reads: (actorId, id, request) => past.reads(actorId, id, request),
  };

  const sockets = new Sockets({
    live,
    arrivals: new Arrivals({ live, history }),
    handlers: new Handlers({ messages, hub: live.hub, presence, typing, delivered }),
    presence,
    verify: options.verify,
    botGate: options.botGate,
    originAllowed: options.originAllowed,
    rateLimits: options.rateLimits,
    onFault,
    gauge: options.gauge,
  });

  /** How somebody stands in a conversation; null: not in it. */
  const roleOf = async (userId: string, conversationId: string) => {
    const { state } = await submit.entry(conversationId);
    if (!state || !isMember(state, userId)) return null;
    const memberIds = [...state.members.values()].filter(({ active }) => active).map((row) => row.userId);
    return { isGroup: state.conversation.isGroup, isAdmin: isAdmin(state, userId), memberIds };
  };

  return {
    chat,
    roleOf,
    search: (readerId: string, query: SearchQuery) => search.find(readerId, query),
    statistics,
    personal,
    media,
    choose,
    accountChanged,
    live,
    sockets,
    publish,
    setStatus: (userId: string, status: Status) => presence.setStatus(userId, status),
    /** Every device's sockets here, told by the tail; other gateways hear it the same way. */
    announceRevoked: async (userId: string, sessionId: string) => {
      await publish(
        makeEvent({
          type: 'session.revoked',
          id: crypto.randomUUID(),
          subject: userId,
          actor: userId,
          time: new Date().toISOString(),
          data: { sessionId },
        }),
      );
    },
    /** The safety net under a lost signal: whoever learns of a revocation elsewhere says so here. */
    endSession: (sessionId: string) => {
      for (const socket of live.hub.sockets()) {
        if (socket.sessionId === sessionId) socket.end(4401, 'signed_out', 'This device was signed out.');
      }
    },
    /** Waits until the directory shows everything about these people, or all, that this gateway has seen or written. */
    freshUsers: (ids?: string[]) => live.peopleApplied(ids),
    /** Stops taking commands, answers what is on its way, sends everybody elsewhere. */
    async drain(deadlineMs: number) {
      live.drain();
      const deadline = performance.now() + deadlineMs / 2;
      while (live.pending.size > 0 && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await sockets.drain(deadlineMs / 2);
      await presence.close();
    },
    async close() {
      sockets.close();
      await live.close();
    },
  };
};

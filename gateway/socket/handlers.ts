// What each frame from a signed-in client means. A handler that returns nothing is done at once; one that returns a
// promise is waited for before the next frame of the same socket, so that what is sent in order is appended in order.
import type { ClientFrame } from '../../schemas/frames.ts';
import { isRefusal, type Refusal, type refusals } from '../../schemas/refusal.ts';
import type { Message } from '../../schemas/views.ts';
import type { Hub } from '../live/hub.ts';
import { liveLimits } from '../live/limits.ts';
import { Frame } from '../live/outbound.ts';
import type { Messages, Sent } from '../messages.ts';
import type { GatewayPresence } from '../presence.ts';
import type { Connection } from './connection.ts';

export type HandlersOptions = {
  messages: Messages;
  hub: Hub;
  presence: GatewayPresence;
  typing: (actorId: string, conversationId: string) => Promise<Refusal | null>;
  delivered: (actorId: string, conversationId: string, position: string) => Promise<Refusal | null>;
};

type Signed = Exclude<ClientFrame, { type: 'connect' }>;

export class Handlers {
  readonly #options: HandlersOptions;
  readonly #said = new WeakMap<Connection, Map<string, number>>();

  constructor(options: HandlersOptions) {
    this.#options = options;
  }

  handle(connection: Connection, frame: Signed): void | Promise<void> {
    const { messages } = this.#options;
    const { userId } = connection;
    switch (frame.type) {
      case 'message': {
        const { type, ...command } = frame;
        return messages.send(userId, command, (sent) => ackSent(connection, frame.ref, sent));
      }
      case 'edit':
        return this.#later(connection, frame.ref, messages.edit(userId, frame.messageId, frame.content));
      case 'delete':
        return this.#later(connection, frame.ref, messages.delete(userId, frame.messageId));
      case 'react':
      case 'unreact': {
        const { messageId, emoji, type } = frame;
        return this.#later(connection, frame.ref, messages.react(userId, messageId, emoji, type === 'react'));
      }
      case 'read':
        return this.#later(
          connection,
          frame.ref,
          messages.markRead(userId, frame.messageId, frame.conversationId),
        );
      case 'typing':
        return this.#seldom(connection, frame, liveLimits.typingEveryMs, () =>
          this.#options.typing(userId, frame.conversationId),
        );
      case 'delivered':
        return this.#seldom(connection, frame, liveLimits.deliveredEveryMs, () =>
          this.#options.delivered(userId, frame.conversationId, frame.position),
        );
      case 'watch':
        return this.#watch(connection, frame.userIds);
    }
  }

  async #later(
    connection: Connection,
    ref: string | undefined,
    work: Promise<Message | Refusal | null>,
  ): Promise<void> {
    const done = await work;
    if (isRefusal(done)) connection.fail(done.code, done.detail, ref);
    else if (done && ref) connection.answer({ type: 'ack', ref, message: done });
  }

  /** Of what is said again and again, one each while of a socket, a conversation and a kind; the rest is passed over. */
  async #seldom(
    connection: Connection,
    { type, conversationId }: { type: string; conversationId: string },
    everyMs: number,
    work: () => Promise<Refusal | null>,
  ): Promise<void> {
    const now = performance.now();
    let said = this.#said.get(connection);
    if (!said) {
      said = new Map();
      this.#said.set(connection, said);
    }
    const key = `${type} ${conversationId}`;
    if (now - (said.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    if (said.size > 1000) said.clear();
    said.set(key, now);
    const refusal = await work();
    if (refusal) connection.fail(refusal.code, refusal.detail);
  }

  async #watch(connection: Connection, userIds: string[]): Promise<void> {
    const wanted = [...new Set(userIds)];
    this.#options.hub.watch(connection, connection.watched, wanted);
    connection.watched = wanted;
    for (const { userId, status, at } of await this.#options.presence.statuses(wanted)) {
      connection.answer({ type: 'user_status', userId, status, lastOnline: at });
    }
  }
}

const ackSent = (connection: Connection, ref: string, sent: Sent | Refusal): void => {
  if (isRefusal(sent)) return connection.fail(sent.code, sent.detail, ref);
  const json = sent.json ?? JSON.stringify(sent.message);
  connection.tell(new Frame(`{"type":"ack","ref":${JSON.stringify(ref)},"message":${json}}`));
};

/** An outage in the middle of a handler, as the frame that says so. */
export const outageCode = 'unavailable' satisfies keyof typeof refusals;

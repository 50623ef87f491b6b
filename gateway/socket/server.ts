// The WebSocket door: handshake, the first frame, the pump that handles one frame after the other, heartbeat, cursors.
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { isOutsideError } from '../../ports/errors.ts';
import { type ClientFrame, closeCodes, subprotocol } from '../../schemas/frames.ts';
import { limits } from '../../schemas/limits.ts';
import type { Refusal } from '../../schemas/refusal.ts';
import type { BotGate } from '../auth/scopes.ts';
import type { Claims } from '../auth/tokens.ts';
import { decodeCursor } from '../live/cursor.ts';
import { liveLimits } from '../live/limits.ts';
import type { Live } from '../live/live.ts';
import { Frame } from '../live/outbound.ts';
import type { GatewayPresence } from '../presence.ts';
import type { Arrivals } from './arrival.ts';
import { TokenBucket } from './bucket.ts';
import { Confirming } from './confirming.ts';
import { Connection } from './connection.ts';
import { parseFrame } from './frames.ts';
import { type Handlers, outageCode } from './handlers.ts';

export type Signed = Claims;

export type SocketsOptions = {
  live: Live;
  arrivals: Arrivals;
  handlers: Handlers;
  presence: GatewayPresence;
  /** Null: forged, expired or revoked. `expiresAtMs` by Date.now(). */
  verify: (token: string) => Signed | null | Promise<Signed | null>;
  botGate: BotGate;
  originAllowed: (origin: string, host: string | undefined) => boolean;
  rateLimits: boolean;
  onFault: (error: unknown) => void;
  gauge: (connections: number) => void;
};

type ConnectFrame = Extract<ClientFrame, { type: 'connect' }>;
type Inbox = { frames: string[]; pumping: boolean; rate: TokenBucket | null; bad: TokenBucket };

export class Sockets {
  readonly #options: SocketsOptions;
  readonly #connections = new Set<Connection>();
  #heartbeatAt = performance.now();
  readonly #confirming: Confirming;
  readonly #timer: NodeJS.Timeout;

  constructor(options: SocketsOptions) {
    this.#options = options;
    const { live, presence } = options;
    this.#confirming = new Confirming({
      sentPlaces: () => live.sentPlaces(),
      flush: () => live.outbound.flush(),
      confirm: (places, deviceIds) => void presence.confirm(places, deviceIds),
      gatherMs: liveLimits.confirmGatherMs,
      everyMs: liveLimits.confirmEveryMs,
    });
    this.#timer = setInterval(() => this.#everySecond(), liveLimits.cursorEveryMs);
  }

  get size(): number {
    return this.#connections.size;
  }

  async register(app: FastifyInstance): Promise<void> {
    await app.register(websocket, {
      // What breaks RFC 6455 or the line has a code, and ws has closed it with the one that says why. A line in the log
      // for each would be the stranger's to write.
      errorHandler: (error, socket, request) => {
        if (!('code' in error)) request.log.error(error, 'a socket failed');
        socket.terminate();
      },
      options: {
        maxPayload: limits.frameBytesMax,
        perMessageDeflate: false,
        handleProtocols: (offered: Set<string>) => (offered.has(subprotocol) ? subprotocol : false),
      },
    });
    app.get(
      '/ws',
      {
        websocket: true,
        preValidation: async (request, reply) => {
          const { origin, host } = request.headers;
          if (origin === undefined || this.#options.originAllowed(origin, host)) return;
          await reply.code(403).type('application/problem+json').send({
            type: 'about:blank',
            title: 'This origin is not allowed',
            status: 403,
            detail: 'Connections from this page are not allowed.',
            code: 'foreign_origin',
          });
        },
      },
      (ws) => this.#accept(ws),
    );
  }

  /** Tells everybody to come back elsewhere, spread over a moment, and waits until they have gone or `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    const connections = [...this.#connections];
    const spreadMs = Math.min(deadlineMs / 2, connections.length);
    await Promise.all(
      connections.map(async (connection, i) => {
        await new Promise((resolve) => setTimeout(resolve, (i / Math.max(1, connections.length)) * spreadMs));
        connection.end(
          closeCodes.restarting,
          'restarting',
          'The server restarts. Connect again in a moment.',
        );
      }),
    );
    const deadline = performance.now() + deadlineMs;
    while (this.#connections.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (const connection of this.#connections) connection.terminate();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#confirming.close();
  }

  // Handlers are attached before anything is awaited: what arrives earlier would be lost silently.
  #accept(ws: WebSocket): void {
    const connection = new Connection(ws, this.#options.live.outbound);
    const inbox: Inbox = {
      frames: [],
      pumping: false,
      rate: this.#options.rateLimits
        ? new TokenBucket(liveLimits.framesBurst, liveLimits.framesPerSecond)
        : null,
      bad: new TokenBucket(liveLimits.badFramesBurst, liveLimits.badFramesPerSecond),
    };
    this.#connections.add(connection);
    this.#options.gauge(this.#connections.size);
    ws.on('message', (data, isBinary) => {
      connection.alive = true;
      if (isBinary) this.#bad(connection, inbox, 'bad_frame', 'Frames are text.');
      else this.#receive(connection, inbox, data.toString());
    });
    ws.on('pong', (data) => {
      connection.alive = true;
      this.#confirming.answered(connection, data.toString());
    });
    ws.on('error', () => connection.terminate());
    ws.on('close', () => this.#gone(connection));
  }

  #receive(connection: Connection, inbox: Inbox, text: string): void {
    if (connection.state === 'closed') return;
    inbox.frames.push(text);
    if (inbox.frames.length === liveLimits.inboxMax) connection.pause();
    if (!inbox.pumping) this.#pump(connection, inbox);
  }

  /** Handles what waits, one after the other; goes on without a promise as long as nothing must be waited for. */
  #pump(connection: Connection, inbox: Inbox): void {
    inbox.pumping = true;
    while (connection.state !== 'closed') {
      const text = inbox.frames.shift();
      if (text === undefined) break;
      if (inbox.frames.length === liveLimits.inboxMax / 2) connection.resume();
      const work = this.#take(connection, inbox, text);
      if (work) {
        work.catch((error) => this.#failed(connection, error)).finally(() => this.#pump(connection, inbox));
        return;
      }
    }
    inbox.pumping = false;
  }

  #take(connection: Connection, inbox: Inbox, text: string): void | Promise<void> {
    const parsed = parseFrame(text);
    if (parsed.kind === 'bad') return this.#bad(connection, inbox, parsed.code, parsed.detail, parsed.ref);
    const { frame } = parsed;
    if (inbox.rate && !inbox.rate.take()) {
      const ref = 'ref' in frame ? frame.ref : undefined;
      connection.fail('rate_limited', 'Too many frames. Wait a moment.', ref);
      if (!inbox.bad.take()) connection.end(closeCodes.rate, 'rate_limited', 'Too many frames.');
      return;
    }
    if (frame.type === 'connect') return this.#connect(connection, frame);
    if (connection.state === 'anonymous')
      return this.#bad(
        connection,
        inbox,
        'not_signed_in',
        'The first frame is connect.',
        'ref' in frame ? frame.ref : undefined,
      );
    const refusal = this.#refusalOfBot(connection, connection.userId, connection.bot, frame.type);
    if (refusal) {
      connection.fail(refusal.code, refusal.detail, 'ref' in frame ? frame.ref : undefined);
      return;
    }
    return this.#options.handlers.handle(connection, frame);
  }

  #refusalOfBot(
    connection: Connection,
    userId: string,
    bot: Claims['bot'] | null,
    frame: ClientFrame['type'],
  ): Refusal | null {
    if (!bot || connection.state === 'closed') return null;
    return this.#options.botGate.refusal(userId, bot, { frame });
  }

  #connect(connection: Connection, frame: ConnectFrame): void | Promise<void> {
    const signed = this.#options.verify(frame.token);
    if (signed instanceof Promise) return signed.then((claims) => this.#signedIn(connection, frame, claims));
    this.#signedIn(connection, frame, signed);
  }

  #signedIn(connection: Connection, frame: ConnectFrame, signed: Signed | null): void {
    const { live, arrivals, presence, onFault } = this.#options;
    // Gone while its token was looked for.
    if (connection.state === 'closed') return;
    const refusal = signed && this.#refusalOfBot(connection, signed.userId, signed.bot, 'connect');
    if (refusal) {
      connection.fail(refusal.code, refusal.detail);
      connection.end(closeCodes.notSignedIn, refusal.code, refusal.detail);
      return;
    }
    if (!signed || (connection.userId && signed.userId !== connection.userId)) {
      connection.fail('not_signed_in', 'The token is not valid. Sign in again.');
      connection.end(closeCodes.notSignedIn, 'not_signed_in', 'The token is not valid.');
      return;
    }
    connection.bot = signed.bot ?? null;
    connection.deadline = performance.now() + Math.max(0, signed.expiresAtMs - Date.now());
    if (connection.state !== 'anonymous') {
      // A renewal: nothing else changes.
      connection.sessionId = signed.sessionId;
      if (connection.state === 'live') {
        const { userId, sessionId } = connection;
        connection.answer({ type: 'connect', userId, sessionId, cursor: live.sentCursor(), resumed: true });
      }
      return;
    }
    if (live.draining()) {
      connection.end(closeCodes.restarting, 'restarting', 'The server restarts. Connect again in a moment.');
      return;
    }
    connection.userId = signed.userId;
    connection.sessionId = signed.sessionId;
    connection.state = 'arriving';
    live.hub.enter(connection);
    void presence.enter(signed.userId, connection.id);
    const cursor = frame.cursor ? decodeCursor(frame.cursor, live.epoch, live.partitions) : null;
    arrivals.run(connection, cursor).catch(onFault);
  }

  #bad(connection: Connection, inbox: Inbox, code: string, detail: string, ref?: unknown): void {
    connection.fail(code, detail, ref);
    if (!inbox.bad.take()) connection.end(closeCodes.abuse, 'abuse', 'Too many bad frames.');
  }

  /** An outage is answered; a mistake of ours ends the process. */
  #failed(connection: Connection, error: unknown): void {
    if (isOutsideError(error)) connection.fail(outageCode, error.message);
    else this.#options.onFault(error);
  }

  #gone(connection: Connection): void {
    connection.state = 'closed';
    this.#connections.delete(connection);
    this.#confirming.gone(connection);
    this.#options.gauge(this.#connections.size);
    if (!connection.userId) return;
    this.#options.live.hub.leave(connection);
    this.#options.live.hub.watch(connection, connection.watched, []);
    this.#options.presence.leave(connection.id);
  }

  #everySecond(): void {
    const now = performance.now();
    const beat = now - this.#heartbeatAt > liveLimits.heartbeatMs;
    if (beat) this.#heartbeatAt = now;
    let cursor: Frame | null = null;
    for (const connection of this.#connections) {
      if (now > connection.deadline) {
        connection.fail('not_signed_in', 'The token has expired. Sign in again.');
        connection.end(closeCodes.notSignedIn, 'token_expired', 'The token has expired.');
        continue;
      }
      if (beat) {
        if (!connection.alive) {
          connection.terminate();
          continue;
        }
        connection.ping();
      }
      if (connection.state !== 'live' || !connection.moved) continue;
      connection.moved = false;
      cursor ??= Frame.of({ type: 'cursor', cursor: this.#options.live.sentCursor() });
      connection.tell(cursor);
    }
    this.#confirming.look(this.#connections, now);
  }
}

// One WebSocket: its states, its bounds, what goes out and how it ends. What its frames mean is in handlers.ts.
import type { WebSocket } from 'ws';
import { closeCodes } from '../../schemas/frames.ts';
import type { BotClaims } from '../auth/scopes.ts';
import type { At, Follower } from '../live/hub.ts';
import { liveLimits } from '../live/limits.ts';
import { Frame, type Outbound, Outlet, type Sink } from '../live/outbound.ts';

/**
 * `anonymous`: has not said who it is. `arriving`: signed in, reading what it missed; live frames pass it by, because
 * the end of the arrival takes them out of the ring. `live`: gets everything. `closed`: gone or going.
 */
export type ConnectionState = 'anonymous' | 'arriving' | 'live' | 'closed';

const lingerMs = 2_000;
const pollDrainMs = 5;

export class Connection implements Follower, Sink {
  readonly id = crypto.randomUUID();
  readonly #ws: WebSocket;
  readonly #outbound: Outbound;
  readonly #outlet: Outlet;
  state: ConnectionState = 'anonymous';
  userId = '';
  sessionId = '';
  /** Signed in by a bot's token. */
  bot: BotClaims | null = null;
  /** performance.now() at which it must have been renewed. */
  deadline: number;
  /** Something was sent since the last cursor. */
  moved = false;
  alive = true;
  /** Something was written that no answer to a ping has confirmed, nor a ping asked for. */
  unconfirmed = true;
  /** The ping that has not been answered. */
  pinged: string | null = null;
  watched: string[] = [];
  /** Of a resync: up to which place each conversation's messages have been sent already. */
  sentUpTo: Map<string, number> | null = null;

  constructor(ws: WebSocket, outbound: Outbound) {
    this.#ws = ws;
    this.#outbound = outbound;
    this.#outlet = new Outlet(this);
    this.deadline = performance.now() + liveLimits.anonymousMs;
  }

  /** A live frame in its place in the order. Passes by whoever is still arriving. */
  deliver(frame: Frame, at?: At): void {
    if (this.state !== 'live') return;
    if (this.sentUpTo && at && at.place <= (this.sentUpTo.get(at.conversationId) ?? 0)) return;
    this.moved = true;
    this.#outbound.send(this.#outlet, frame);
  }

  /** A frame outside the order of events: answers, statuses, the arrival itself. */
  tell(frame: Frame): void {
    if (this.state !== 'closed') this.#outbound.send(this.#outlet, frame);
  }

  answer(value: object): void {
    this.tell(Frame.of(value));
  }

  fail(code: string, detail: string, ref?: unknown): void {
    this.answer({
      type: 'error',
      ...(typeof ref === 'string' ? { ref: ref.slice(0, 64) } : {}),
      code,
      detail,
    });
  }

  write(bytes: Buffer): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > liveLimits.socketQueueBytesMax && this.state !== 'closed') {
      this.#close(closeCodes.tooSlow, 'read faster, then come back with your cursor');
      return;
    }
    this.unconfirmed = true;
    this.#ws.send(bytes, { binary: false });
  }

  /** Resolves when the kernel has taken most of what was written; false when the socket is gone. */
  async drained(): Promise<boolean> {
    this.#outbound.flush();
    while (this.#ws.readyState === this.#ws.OPEN) {
      if (this.#ws.bufferedAmount <= liveLimits.resyncHighWaterBytes) return true;
      await new Promise((resolve) => setTimeout(resolve, pollDrainMs));
    }
    return false;
  }

  end(code: number, noticeCode: string, detail: string): void {
    if (this.state === 'closed') return;
    this.answer({ type: 'notice', code: noticeCode, detail });
    this.#outbound.flush();
    this.#close(code, noticeCode);
  }

  /** The peer has not answered a ping in time. */
  terminate(): void {
    this.state = 'closed';
    this.#ws.terminate();
  }

  ping(): void {
    this.alive = false;
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping();
  }

  /** Its answer comes behind everything that was written before. */
  askToConfirm(word: string): void {
    this.unconfirmed = false;
    this.pinged = word;
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping(word);
  }

  /** Stops reading while the inbox is full, so that the peer's own buffers fill up. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  #close(code: number, reason: string): void {
    this.state = 'closed';
    this.#ws.close(code, reason);
    // A peer that does not read never answers the close.
    setTimeout(() => this.#ws.terminate(), lingerMs).unref();
  }
}

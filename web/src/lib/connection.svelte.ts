// One socket to the gateway, kept alive: signs in with the first frame, resumes from the last cursor, comes back with
// jitter, and notices a silent death. What frames mean is not its business.
import { afterClose, backoffMs } from './backoff.ts';
import { type ClientFrame, type ServerFrame, subprotocol } from './protocol.ts';

export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'replaced' | 'refused';

export type ConnectionOptions = {
  url: string;
  token: (isRejected: boolean) => Promise<string | null>;
  cursor: { read: () => string | null; write: (cursor: string) => void };
  onOpen: (isResumed: boolean) => void;
  onFrame: (frame: ServerFrame) => void;
  /** A frame that the server is known to answer, or null: for asking whether anybody is there. */
  probe: () => ClientFrame | null;
};

/** Longer than the gateway itself waits for its log. */
const answerWithinMs = 20_000;
const silenceMs = 60_000;
const wakeSilenceMs = 15_000;
/** After the network was away the socket is most likely dead, and nobody has told us. */
const backOnlineWithinMs = 3_000;

export class Connection {
  state = $state<ConnectionState>('idle');
  retryAt = $state(0);
  /** The last try, or the last socket, has failed. */
  hasLost = $state(false);
  isOnline = $state(navigator.onLine);

  readonly #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #isRejected = false;
  #isClosed = true;
  #heardAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  open(): void {
    this.#isClosed = false;
    addEventListener('online', this.#onWake);
    addEventListener('offline', this.#onWake);
    document.addEventListener('visibilitychange', this.#onWake);
    this.retryNow();
  }

  close(): void {
    this.#isClosed = true;
    removeEventListener('online', this.#onWake);
    removeEventListener('offline', this.#onWake);
    document.removeEventListener('visibilitychange', this.#onWake);
    this.#forget()?.close(1000);
    this.state = 'idle';
  }

  /** True when the frame was written; what must not be lost is kept by the caller until it is acknowledged. */
  send(frame: ClientFrame): boolean {
    if (this.state !== 'open' || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    if (frame.type === 'message') this.#expectAnswer(answerWithinMs);
    return true;
  }

  /** Signs in again on the same socket, before the old token expires. */
  renew(token: string): void {
    this.send({ type: 'connect', token });
  }

  /** Once more from an earlier place in the stream: what comes twice is harmless. */
  again(): void {
    // Without a socket there is one to come, and it begins there.
    if (!this.#socket) return;
    this.#forget()?.close(1000);
    this.state = 'waiting';
    this.retryNow();
  }

  retryNow(): void {
    if (this.#isClosed || this.state === 'connecting' || this.state === 'open') return;
    clearTimeout(this.#retryTimer);
    void this.#dial();
  }

  async #dial(): Promise<void> {
    this.state = 'connecting';
    try {
      const token = await this.#options.token(this.#isRejected);
      if (!token || this.#isClosed) return;
      this.#isRejected = false;
      this.#attach(new WebSocket(this.#options.url, subprotocol), token);
    } catch {
      this.#retryIn(backoffMs(this.#attempt, Math.random));
    }
  }

  #attach(socket: WebSocket, token: string): void {
    this.#socket = socket;
    this.#expectAnswer(answerWithinMs);
    socket.onopen = () => {
      const cursor = this.#options.cursor.read();
      socket.send(JSON.stringify({ type: 'connect', token, ...(cursor ? { cursor } : {}) }));
    };
    socket.onmessage = ({ data }) => {
      this.#heard();
      for (const frame of framesIn(String(data))) this.#take(frame);
    };
    socket.onclose = ({ code }) => this.#lost(code);
  }

  #take(frame: ServerFrame): void {
    if (frame.type === 'cursor') return this.#options.cursor.write(frame.cursor);
    if (frame.type !== 'connect') return this.#options.onFrame(frame);
    // A second one on this socket would answer a renewal: nothing to reload.
    if (this.state === 'open') return;
    this.#attempt = 0;
    this.hasLost = false;
    this.state = 'open';
    this.#options.cursor.write(frame.cursor);
    this.#options.onOpen(frame.resumed);
  }

  #lost(code: number): void {
    this.#forget();
    if (this.#isClosed) return;
    const plan = afterClose(code, this.#attempt, Math.random);
    if (plan.do === 'stop') {
      this.state = plan.why;
      return;
    }
    this.#isRejected = plan.do === 'renew';
    this.#retryIn(plan.delayMs);
  }

  #retryIn(delayMs: number): void {
    if (this.#isClosed) return;
    this.#attempt += 1;
    this.hasLost = true;
    this.state = 'waiting';
    this.retryAt = Date.now() + delayMs;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.retryNow(), delayMs);
  }

  #forget(): WebSocket | null {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#deadline);
    clearTimeout(this.#silence);
    this.#deadline = undefined;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  #heard(): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#probe(), silenceMs);
  }

  /** A browser cannot ping: something must come back in time, or the socket counts as dead. */
  #expectAnswer(withinMs: number): void {
    this.#deadline ??= setTimeout(() => {
      this.#forget()?.close();
      this.#lost(1006);
    }, withinMs);
  }

  #probe(withinMs = answerWithinMs): void {
    const frame = this.#options.probe();
    if (!frame || !this.send(frame)) return;
    if (withinMs < answerWithinMs) {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
    }
    this.#expectAnswer(withinMs);
  }

  readonly #onWake = () => {
    const isBack = !this.isOnline && navigator.onLine;
    const isGone = this.isOnline && !navigator.onLine;
    this.isOnline = navigator.onLine;
    // Nobody tells a socket that its network has gone: it would look open for a minute, and swallow what is sent.
    if (isGone && this.state === 'open') {
      this.#forget()?.close();
      this.#lost(1006);
    }
    if (isBack) this.#probe(backOnlineWithinMs);
    if (document.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && this.isOnline) this.retryNow();
    if (this.state === 'open' && Date.now() - this.#heardAt > wakeSilenceMs) this.#probe();
  };
}

/** One object, or an array of them to be taken in order. What is not ours is left out. */
const framesIn = (data: string): ServerFrame[] => {
  try {
    const value: unknown = JSON.parse(data);
    return (Array.isArray(value) ? value : [value]).filter(isFrame);
  } catch {
    return [];
  }
};

const isFrame = (value: unknown): value is ServerFrame =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

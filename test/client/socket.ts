// One WebSocket of a client. Records every frame in the order in which it came; waits look at what came already.
import { WebSocket } from 'ws';
import {
  type ClientFrame,
  type ServerFrame,
  type ServerFrameType,
  subprotocol,
} from '../../schemas/frames.ts';
import { within } from './eventually.ts';

export type FrameOf<T extends ServerFrameType> = Extract<ServerFrame, { type: T }>;
export type Closed = { code: number; reason: string };
export type OpenOptions = { origin?: string; protocols?: string[]; handshakeTimeoutMs?: number };

const shownFrames = 8;
const shownLength = 160;

/** The handshake was answered with something else than 101. */
export class RefusedError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the handshake was answered with ${status}`);
    this.status = status;
  }
}

export class Socket {
  readonly frames: ServerFrame[] = [];
  /** How many frames came in each WebSocket message. */
  readonly bundles: number[] = [];
  readonly raw: WebSocket;
  /** The newest that the server has given. */
  cursor: string | null = null;
  closed: Closed | null = null;
  onFrame: ((frame: ServerFrame) => void) | null = null;
  readonly #listeners = new Set<() => void>();

  private constructor(raw: WebSocket) {
    this.raw = raw;
    raw.on('message', (data) => this.#take(JSON.parse(data.toString()) as ServerFrame | ServerFrame[]));
    raw.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
    // A broken line ends in `close` too.
    raw.on('error', () => {});
  }

  static open(baseUrl: string, options: OpenOptions = {}): Promise<Socket> {
    const raw = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/ws`, options.protocols ?? [subprotocol], {
      perMessageDeflate: false,
      handshakeTimeout: options.handshakeTimeoutMs ?? 10_000,
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    });
    return new Promise((done, fail) => {
      const socket = new Socket(raw);
      raw.once('open', () => done(socket));
      raw.once('unexpected-response', (_request, response) => {
        fail(new RefusedError(response.statusCode ?? 0));
        raw.terminate();
      });
      raw.once('error', fail);
    });
  }

  send(frame: ClientFrame): void {
    this.raw.send(JSON.stringify(frame));
  }

  sendRaw(text: string | Buffer): void {
    this.raw.send(text);
  }

  /** Says who it is and waits for the answer. */
  async connect(token: string, cursor?: string | null): Promise<FrameOf<'connect'>> {
    const seen = this.frames.length;
    this.send({ type: 'connect', token, ...(cursor ? { cursor } : {}) });
    return this.waitFor('connect', () => true, { from: seen, timeoutMs: 20_000 });
  }

  all<T extends ServerFrameType>(type: T, from = 0): FrameOf<T>[] {
    return this.frames.slice(from).filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  /** The first frame of this type that fits, among those that came (after `from`) and those that come. */
  waitFor<T extends ServerFrameType>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    { from = 0, timeoutMs = 5_000 }: { from?: number; timeoutMs?: number } = {},
  ): Promise<FrameOf<T>> {
    const look = () => this.all(type, from).find(fits);
    return this.#until(look, timeoutMs, () => `a ${type} frame ${describeFit(fits)}`);
  }

  waitForClose(timeoutMs = 5_000): Promise<Closed> {
    return this.#until(
      () => this.closed ?? undefined,
      timeoutMs,
      () => 'close',
    );
  }

  /** A whole turn of the server after everything sent before: what has not come by then was not sent. */
  async settle(): Promise<void> {
    const seen = this.frames.length;
    const ref = crypto.randomUUID();
    this.send({ type: 'edit', ref, messageId: crypto.randomUUID(), content: 'nothing' });
    await this.waitFor('error', (frame) => frame.ref === ref, { from: seen });
  }

  /** Goes without a word, as when the network breaks. */
  kill(): void {
    this.raw.terminate();
  }

  close(): void {
    this.raw.close(1000);
  }

  #take(data: ServerFrame | ServerFrame[]): void {
    const frames = Array.isArray(data) ? data : [data];
    this.bundles.push(frames.length);
    for (const frame of frames) {
      this.frames.push(frame);
      if (frame.type === 'cursor' || frame.type === 'connect') this.cursor = frame.cursor;
      this.onFrame?.(frame);
    }
    this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #until<T>(look: () => T | undefined, timeoutMs: number, what: () => string): Promise<T> {
    const now = look();
    if (now !== undefined) return now;
    let listener: (() => void) | undefined;
    const seen = new Promise<T>((done, fail) => {
      listener = () => {
        const found = look();
        if (found !== undefined) done(found);
        else if (this.closed)
          fail(new Error(`closed (${this.closed.code}) before ${what()}; ${this.#told()}`));
      };
      this.#listeners.add(listener);
      listener();
    });
    try {
      return await within(seen, timeoutMs, () => `${what()}; ${this.#told()}`);
    } finally {
      if (listener) this.#listeners.delete(listener);
    }
  }

  #told(): string {
    const last = this.frames.slice(-shownFrames).map((frame) => JSON.stringify(frame).slice(0, shownLength));
    return `${this.frames.length} frames came, the last: ${last.join('\n  ') || 'none'}`;
  }
}

const describeFit = (fits: (frame: never) => boolean): string =>
  `that fits ${fits.toString().replace(/\s+/g, ' ').slice(0, 120)}`;

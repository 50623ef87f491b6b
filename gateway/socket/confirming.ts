// What has reached devices. A ping goes out behind everything that was written to a socket, so its answer confirms all of
// that; where nothing was written since, nothing has to be asked. So an idle socket costs nothing, and a busy one a ping
// each second.
import type { Connection } from './connection.ts';

export type ConfirmingOptions = {
  /** Places up to which everything has been handed to the sockets. */
  sentPlaces(): number[];
  /** Writes what waits to be written. */
  flush(): void;
  confirm(places: number[], deviceIds: string[]): void;
  gatherMs: number;
  everyMs: number;
};

type Asked = Pick<Connection, 'state' | 'sessionId' | 'unconfirmed' | 'pinged' | 'askToConfirm'>;

export class Confirming {
  readonly #options: ConfirmingOptions;
  /** Of pings that may still be answered. */
  readonly #asked = new Map<string, { places: number[]; open: number }>();
  readonly #said = new Map<number[], string[]>();
  #count = 0;
  #saidAllAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConfirmingOptions) {
    this.#options = options;
  }

  /** Once a second, with all connections. */
  look(connections: Iterable<Asked>, nowMs: number): void {
    const { flush, sentPlaces, everyMs } = this.#options;
    flush();
    const places = sentPlaces();
    const saysAll = nowMs - this.#saidAllAt >= everyMs;
    if (saysAll) this.#saidAllAt = nowMs;
    const word = String(++this.#count);
    let open = 0;
    for (const connection of connections) {
      if (connection.state !== 'live' || connection.pinged !== null) continue;
      if (connection.unconfirmed) {
        connection.askToConfirm(word);
        open += 1;
      } else if (saysAll) this.#say(places, connection.sessionId);
    }
    if (open > 0) this.#asked.set(word, { places, open });
  }

  /** `word`: what the ping said. */
  answered(connection: Asked, word: string): void {
    if (connection.pinged !== word) return;
    const asked = this.#asked.get(word);
    this.gone(connection);
    if (asked && connection.state === 'live') this.#say(asked.places, connection.sessionId);
  }

  /** Nothing more is waited for from this one. */
  gone(connection: Pick<Connection, 'pinged'>): void {
    const asked = connection.pinged === null ? undefined : this.#asked.get(connection.pinged);
    if (asked && --asked.open === 0) this.#asked.delete(connection.pinged as string);
    connection.pinged = null;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #say(places: number[], deviceId: string): void {
    const devices = this.#said.get(places);
    if (devices) devices.push(deviceId);
    else this.#said.set(places, [deviceId]);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const [at, deviceIds] of this.#said) this.#options.confirm(at, deviceIds);
      this.#said.clear();
    }, this.#options.gatherMs).unref();
  }
}

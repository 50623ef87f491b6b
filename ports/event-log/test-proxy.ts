// A proxy in front of Kafka that makes trouble: it swallows an answer to a produce request (the broker has written, the
// client is not told), or refuses a request in the broker's name. It knows just enough of the protocol: frames with a
// length, key and version of a request, the correlation id of an answer.
import { connect, createServer, type Server, type Socket } from 'node:net';

const produceKey = 0;
/**
 * Key of a request; the first version whose answer has a throttle time before its error; the bytes after the error (of
 * joinGroup: no generation, three empty strings, no members).
 */
const requests = {
  joinGroup: { key: 11, throttledFrom: 2, rest: Buffer.from('ffffffff00000000000000000000', 'hex') },
  heartbeat: { key: 12, throttledFrom: 1, rest: Buffer.alloc(0) },
};
/** Kafka's own numbers. */
const errors = { coordinatorLoads: 14, notCoordinator: 16 };

/** Calls back with each whole frame, length included. */
const frames = (take: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
};

export type SwallowMode = 'close' | 'silent';
type Refusal = { key: number; throttledFrom: number; rest: Buffer; code: number };

const refused = ({ throttledFrom, rest, code }: Refusal, version: number, correlation: number): Buffer => {
  const throttle = version >= throttledFrom ? 4 : 0;
  const head = Buffer.alloc(4 + 4 + throttle + 2);
  head.writeInt32BE(head.length - 4 + rest.length, 0);
  head.writeInt32BE(correlation, 4);
  head.writeInt16BE(code, 8 + throttle);
  return Buffer.concat([head, rest]);
};

export class TroubledProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #refusals: Refusal[] = [];
  #armed: SwallowMode | undefined;
  swallowed = 0;

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => this.#pair(client, connect(target)));
  }

  static async start(target: { host: string; port: number }): Promise<TroubledProxy> {
    const proxy = new TroubledProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** The next answer to a produce request is dropped: with its connection, or leaving it open and silent about it. */
  arm(mode: SwallowMode): void {
    this.#armed = mode;
  }

  /** The next such request does not reach the broker, and is answered by this error. */
  refuseNext(request: keyof typeof requests, error: keyof typeof errors): void {
    this.#refusals.push({ ...requests[request], code: errors[error] });
  }

  /** Refusals that nobody has been given yet. */
  get refusalsLeft(): number {
    return this.#refusals.length;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pair(client: Socket, broker: Socket): void {
    const produces = new Set<number>();
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    const onRequest = frames((frame) => {
      const [key, correlation] = [frame.readInt16BE(4), frame.readInt32BE(8)];
      const at = this.#refusals.findIndex((refusal) => refusal.key === key);
      const [refusal] = at < 0 ? [] : this.#refusals.splice(at, 1);
      if (refusal) return void client.write(refused(refusal, frame.readInt16BE(6), correlation));
      if (key === produceKey) produces.add(correlation);
      broker.write(frame);
    });
    const onAnswer = frames((frame) => {
      const isProduce = produces.delete(frame.readInt32BE(4));
      if (!isProduce || this.#armed === undefined) {
        client.write(frame);
        return;
      }
      if (this.#armed === 'close') end();
      this.#armed = undefined;
      this.swallowed++;
    });
    client.on('data', onRequest);
    broker.on('data', onAnswer);
  }
}

// A proxy in front of Kafka that swallows answers to produce requests: the broker has written, the client is not told.
// It reads just enough of the protocol: frames with a length, the api key of a request, the correlation id of an answer.
import { connect, createServer, type Server, type Socket } from 'node:net';

const produceKey = 0;

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

export class SwallowingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #armed: SwallowMode | undefined;
  swallowed = 0;

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => this.#pair(client, connect(target)));
  }

  static async start(target: { host: string; port: number }): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
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
      if (frame.readInt16BE(4) === produceKey) produces.add(frame.readInt32BE(8));
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

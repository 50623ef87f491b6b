// One TCP connection of somebody who writes bytes and not HTTP.
import { connect, type Socket } from 'node:net';
import { eventually } from '../client/eventually.ts';

export class Tcp {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  isClosed = false;

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (chunk) => this.#chunks.push(chunk));
    // A reset is an end too.
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static async open(url: string): Promise<Tcp> {
    const tcp = new Tcp(url);
    await eventually(() => !tcp.socket.connecting || tcp.isClosed, 'connected');
    return tcp;
  }

  /** What one writes whole and what comes until the other side closes, or until `waitMs`. */
  static async ask(url: string, bytes: string | Buffer, waitMs = 3_000): Promise<Tcp> {
    const tcp = await Tcp.open(url);
    tcp.write(bytes);
    await tcp.closed(waitMs).catch(() => {});
    tcp.socket.destroy();
    return tcp;
  }

  /** Text as Latin-1, so that each character is one byte. */
  write(bytes: string | Buffer): void {
    if (!this.isClosed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Of each answer on this connection. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  closed(timeoutMs: number): Promise<true> {
    return eventually(() => this.isClosed as true, 'closed by the server', timeoutMs);
  }
}

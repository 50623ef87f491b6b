// A mail server that can be killed: at once, or after it has taken a mail and before it has said so.
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../harness-process.ts';

export type Taken = { to: string; messageId: string };

export class MailServer {
  /** Everything that it ever took, whether it said so or not. */
  readonly taken: Taken[] = [];
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: SMTPServer | null = null;
  #diesAfterNext = false;

  private constructor(port: number) {
    this.#port = port;
  }

  static async open(): Promise<MailServer> {
    const server = new MailServer(await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const messageId = /^message-id:\s*(\S+)/im.exec(Buffer.concat(chunks).toString())?.[1] ?? 'none';
          for (const { address } of session.envelope.rcptTo) this.taken.push({ to: address, messageId });
          if (this.#diesAfterNext) return void this.kill();
          done();
        });
      },
    });
    // Who is cut off in the middle is what this is about.
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => {
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    if ((server.server.address() as AddressInfo | null)?.port !== this.#port)
      throw new Error(`the mail server does not listen on ${this.#port}`);
    this.#server = server;
    this.#diesAfterNext = false;
  }

  /** With everything that is under way. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Resolves when it has. */
  async killAfterNext(): Promise<void> {
    this.#diesAfterNext = true;
    while (this.#server) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

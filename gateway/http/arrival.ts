// How long a body may take to arrive. Node's own bound is one for all, and files take longer than words: it is left for the
// longest of them, and everything else ends here.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A file comes here: it may take long, as long as it goes on. */
    takesFiles?: boolean;
  }
}

const bodyMs = 30_000;
/** For what still comes when the answer has been given already, so that its sender gets to read it. */
const restMs = 10_000;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** `answerLate`: says to a connection whose request took too long that it did, and closes it. */
export const guardArrival = (app: FastifyInstance, answerLate: (socket: Socket) => void): void => {
  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    if (!hasBody(raw)) return;
    const endsIn = (ms: number) => {
      const timer = setTimeout(() => {
        if (raw.complete || raw.socket.destroyed) return;
        if (reply.raw.headersSent) raw.socket.destroy();
        else answerLate(raw.socket);
      }, ms).unref();
      raw.once('close', () => clearTimeout(timer));
    };
    if (routeOptions.config.takesFiles) reply.raw.once('finish', () => raw.complete || endsIn(restMs));
    else endsIn(bodyMs);
  });
};

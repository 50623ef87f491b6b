// The push service for tests behind HTTP. Beside the pushes themselves:
// `POST /subscriptions` makes one, `DELETE /subscriptions/:id` ends it, `PUT /subscriptions/:id/answers` `[{status, retryAfter?}]`
// says how its next pushes are answered; `GET /pushes?subscription=&count=&wait=ms` reads, `DELETE /pushes` forgets.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type KeptPush, type PushAnswer, PushReceiver, type PushSubscriptionJson } from './push-receiver.ts';

export type PushServer = {
  url: string;
  subscribe(): PushSubscriptionJson & { id: string };
  unsubscribe(id: string): void;
  answerNext(id: string, answers: PushAnswer[]): void;
  /** Those of one subscription, or all (null), once there are so many. */
  pushes(id: string | null, wanted?: { count?: number; withinMs?: number }): Promise<KeptPush[]>;
  /** Everything under way is cut off, and nobody answers for so long. */
  die(forMs: number): Promise<void>;
  close(): Promise<void>;
};

const waitMaxMs = 60_000;

/** `port` 0: a free one. */
export const startPushServer = async (port = 0): Promise<PushServer> => {
  const receiver = new PushReceiver();
  const waiting = new Set<() => void>();
  let url = '';

  const pushes: PushServer['pushes'] = async (id, { count = 1, withinMs = 0 } = {}) => {
    const deadline = performance.now() + Math.min(withinMs, waitMaxMs);
    while (receiver.pushes(id).length < count && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        setTimeout(resolve, Math.max(1, deadline - performance.now())).unref();
      });
    }
    return receiver.pushes(id);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const [, what, id = '', more] = pathname.split('/');
    const route = `${request.method} ${what}${more ? `/${more}` : ''}`;
    switch (route) {
      case 'GET health':
        return answer(response, 200, { status: 'ok' });
      case 'POST push': {
        const taken = receiver.take(id, url, headersOf(request), await bodyOf(request));
        for (const wake of waiting) wake();
        waiting.clear();
        if (taken.retryAfter !== undefined) response.setHeader('retry-after', taken.retryAfter);
        return answer(response, taken.status, undefined);
      }
      case 'POST subscriptions':
        return answer(response, 201, receiver.subscribe(url));
      case 'DELETE subscriptions':
        return answer(response, 204, receiver.unsubscribe(id));
      case 'PUT subscriptions/answers':
        return answer(response, 204, receiver.answerNext(id, JSON.parse(String(await bodyOf(request)))));
      case 'GET pushes': {
        const count = Number(searchParams.get('count') ?? 1);
        const withinMs = Number(searchParams.get('wait') ?? 0);
        return answer(response, 200, await pushes(searchParams.get('subscription'), { count, withinMs }));
      }
      case 'DELETE pushes':
        return answer(response, 204, receiver.forget());
      default:
        return answer(response, 404, undefined);
    }
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => answer(response, 400, { error: error.message }));
  });
  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(on, '127.0.0.1', resolve);
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(port);
  const own = (server.address() as AddressInfo).port;
  url = `http://127.0.0.1:${own}`;
  return {
    url,
    subscribe: () => receiver.subscribe(url),
    unsubscribe: (id) => receiver.unsubscribe(id),
    answerNext: (id, answers) => receiver.answerNext(id, answers),
    pushes,
    die: async (forMs) => {
      await close();
      await new Promise((resolve) => setTimeout(resolve, forMs));
      await listen(own);
    },
    close,
  };
};

const headersOf = ({ headers }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(body === undefined ? undefined : JSON.stringify(body));
};

// A gateway in memory: HTTP routes and the socket of the protocol, and the built client as static files under the same
// strict content security policy as the real one. For the client's own tests.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientFrame, ServerFrame } from '../src/lib/protocol.ts';
import { type Account, FakeChat, now, Refused } from './fake-chat.ts';
import { type Body, routesOf } from './fake-routes.ts';

export type FakeGateway = Awaited<ReturnType<typeof startFakeGateway>>;
type Follower = { socket: WebSocket; userId: string; watched: Set<string> };

const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws: wss:";
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const expiresIn = 900;

export const startFakeGateway = async (webDir: string) => {
  const chat = new FakeChat();
  const followers = new Set<Follower>();
  const tokens = new Map<string, string>();
  const cookies = new Map<string, string>();
  const state = { isDown: false };
  const requests: string[] = [];

  const push = (socket: WebSocket, ...frames: ServerFrame[]) =>
    socket.send(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  const isOnline = (userId: string) => [...followers].some((one) => one.userId === userId);
  const cursorFrame = (): ServerFrame => ({ type: 'cursor', cursor: String(chat.events.length) });
  chat.onEvent = ({ to, frame }) => {
    for (const { socket, userId } of followers) if (to.includes(userId)) push(socket, frame, cursorFrame());
  };
  const tellStatus = (userId: string) => {
    const user = chat.accounts.get(userId)?.user;
    if (!user) return;
    user.status = isOnline(userId) ? 'online' : 'offline';
    user.lastOnline = now();
    const { status, lastOnline } = user;
    for (const { socket, watched } of followers)
      if (watched.has(userId)) push(socket, { type: 'user_status', userId, status, lastOnline });
  };

  const signedIn = ({ user }: Account, response: ServerResponse) => {
    const accessToken = randomUUID();
    const cookie = randomUUID();
    tokens.set(accessToken, user.id);
    cookies.set(cookie, user.id);
    response.setHeader('set-cookie', `refresh=${cookie}; HttpOnly; SameSite=Strict; Path=/api/sessions`);
    return { user, accessToken, expiresIn };
  };
  const cookieOf = (request: IncomingMessage) =>
    /refresh=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const routes = routesOf(chat, isOnline);

  const account = (request: IncomingMessage, response: ServerResponse, path: string, body: Body): unknown => {
    const name = String(body.username);
    if (path === '/users') return signedIn(chat.register(name, String(body.password)), response);
    if (path === '/sessions') {
      const found = [...chat.accounts.values()].find(
        (one) => one.user.username === name && one.password === body.password,
      );
      if (!found) throw new Refused(401, 'wrong_credentials');
      return signedIn(found, response);
    }
    const userId = cookies.get(cookieOf(request));
    cookies.delete(cookieOf(request));
    if (path === '/sessions/current') return undefined;
    const found = chat.accounts.get(userId ?? '');
    if (!found) throw new Refused(401, 'not_signed_in');
    return signedIn(found, response);
  };

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<unknown> => {
    if (state.isDown) throw new Refused(503, 'unavailable');
    const path = decodeURIComponent(url.pathname.slice('/api'.length));
    requests.push(`${request.method} ${path}`);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = (text ? JSON.parse(text) : {}) as Body;
    const { method } = request;
    if (
      (path.startsWith('/sessions') && method === 'POST') ||
      path === '/sessions/current' ||
      (method === 'POST' && path === '/users')
    )
      return account(request, response, path, body);
    const me = tokens.get(request.headers.authorization?.slice('Bearer '.length) ?? '');
    if (!me) throw new Refused(401, 'not_signed_in');
    const route = routes.find((one) => one[0] === method && one[1].test(path));
    if (!route) throw new Refused(404, 'not_found');
    return route[2]({ me, params: route[1].exec(path)!.slice(1), query: url.searchParams, body });
  };

  const serve = async (response: ServerResponse, path: string) => {
    const file = path === '/' ? '/index.html' : path;
    response.setHeader('content-security-policy', policy);
    if (!file.startsWith('/assets/')) response.setHeader('cache-control', 'no-cache');
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.end(await readFile(join(webDir, file)));
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const isApi = url.pathname.startsWith('/api');
    (isApi ? api(request, response, url) : serve(response, url.pathname)).then(
      (answer) => {
        if (!isApi) return;
        response.writeHead(answer === undefined ? 204 : 200, { 'content-type': 'application/json' });
        response.end(answer === undefined ? undefined : JSON.stringify(answer));
      },
      (cause: unknown) => {
        const { status, code, message } =
          cause instanceof Refused ? cause : new Refused(404, 'not_found', String(cause));
        response.writeHead(status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ type: 'about:blank', title: code, status, detail: message, code }));
      },
    );
  });

  const take = (follower: Follower, frame: ClientFrame): void => {
    const { socket, userId: me } = follower;
    switch (frame.type) {
      case 'message':
        return push(socket, { type: 'ack', ref: frame.ref, message: chat.send(me, frame) });
      case 'typing':
        for (const one of followers) {
          const isThere = chat.roomOf(frame.conversationId, me).members.has(one.userId) && one.userId !== me;
          if (isThere) push(one.socket, { type: 'typing', conversationId: frame.conversationId, userId: me });
        }
        return;
      case 'read':
        return chat.read(me, frame.messageId);
      case 'watch':
        follower.watched = new Set(frame.userIds);
        for (const id of follower.watched) {
          const user = chat.accounts.get(id)?.user;
          if (user)
            push(socket, {
              type: 'user_status',
              userId: id,
              status: user.status,
              lastOnline: user.lastOnline,
            });
        }
        return;
      default:
        return;
    }
  };

  const sockets = new WebSocketServer({ server, path: '/ws', handleProtocols: () => 'chatvui.v1' });
  sockets.on('connection', (socket) => {
    if (state.isDown) return socket.close(1012);
    let follower: Follower | undefined;
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ClientFrame;
      if (frame.type === 'connect') {
        const userId = tokens.get(frame.token);
        if (!userId) return socket.close(4401);
        const from = follower || !frame.cursor ? null : Number(frame.cursor);
        const missed = from === null ? [] : chat.events.slice(from).filter(({ to }) => to.includes(userId));
        push(socket, {
          type: 'connect',
          userId,
          sessionId: randomUUID(),
          cursor: String(from ?? chat.events.length),
          resumed: from !== null,
        });
        for (const event of missed) push(socket, event.frame);
        push(socket, cursorFrame());
        if (follower) return;
        follower = { socket, userId, watched: new Set() };
        followers.add(follower);
        return tellStatus(userId);
      }
      if (!follower) return socket.close(4401);
      try {
        take(follower, frame);
      } catch (cause) {
        const { code, message } =
          cause instanceof Refused ? cause : new Refused(400, 'bad_frame', String(cause));
        push(socket, {
          type: 'error',
          ...('ref' in frame && frame.ref ? { ref: frame.ref } : {}),
          code,
          detail: message,
        });
      }
    });
    socket.on('close', () => {
      if (!follower) return;
      followers.delete(follower);
      tellStatus(follower.userId);
    });
  });

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    chat,
    /** Every request to the API, in order. */
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** While down, HTTP answers 503 and new sockets are turned away. */
    setDown: (isDown: boolean) => {
      state.isDown = isDown;
    },
    drop: (code: number) => {
      for (const client of sockets.clients) client.close(code);
    },
    close: async () => {
      if (!server.listening) return;
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};

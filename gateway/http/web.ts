// The built web client: hashed assets for ever, everything else asked for again each time, the service worker above all.
import { sep } from 'node:path';
import files from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const hashed = `${sep}assets${sep}`;

export const registerWeb = async (app: FastifyInstance, webDir: string): Promise<void> => {
  await app.register(files, {
    root: webDir,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      const isHashed = path.slice(webDir.length).includes(hashed);
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
};

/** A deep link into the client, such as a reload of `/c/1234`: the client itself knows what to show. */
export const isDeepLink = (request: FastifyRequest): boolean => {
  const path = request.url.split('?', 1)[0] ?? '';
  const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  return isPage && !/^\/(api|docs|ws|metrics|assets)(\/|$)/.test(path) && !/\.[a-z0-9]+$/i.test(path);
};

export const sendClient = (reply: FastifyReply): FastifyReply => reply.sendFile('index.html');

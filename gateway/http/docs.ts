// The pages about the API, made from the routes and schemas themselves: nothing here is written twice.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { asyncApi, eventSchemaFiles, eventSchemas } from './asyncapi.ts';
import type { HttpDeps } from './deps.ts';
import { refreshCookie } from './guard.ts';

/** The page's own styles are inline; its scripts are files. Only under /docs. */
const docsPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const description = `Chat on an ordered, replayable log.

Sign in, then send \`Authorization: Bearer <accessToken>\`. Errors are RFC 9457 \`application/problem+json\` with a stable
\`code\`. Ids in addresses that are no UUID answer 400; unknown ones, and those the caller may not see, 404.
The socket's frames and the log's events: [AsyncAPI](/docs/asyncapi.json), [event schemas](/docs/events).`;

export const registerDocs = async (app: FastifyInstance, { version = '0.0.0' }: HttpDeps): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'ChatVui',
        version,
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'people', description: 'Accounts, profiles, who is online' },
        { name: 'devices', description: 'Signing in and out' },
        { name: 'conversations', description: 'One-to-one and groups' },
        { name: 'members', description: 'Who is in a conversation' },
        { name: 'messages', description: 'Sending, history, reactions, receipts' },
        {
          name: 'personal',
          description: 'What people keep for themselves: settings, drafts, saved messages',
        },
        { name: 'media', description: 'Pictures and files: sending, seeing, links' },
        { name: 'notifications', description: 'When, why and how people are told' },
        { name: 'bots', description: 'Programs that people answer for, and their tokens' },
        {
          name: 'webhooks',
          description: 'Addresses that post here, and those that are told what happens here',
        },
        { name: 'analytics', description: 'How much is said, by how many, how fast people answer' },
        { name: 'operation', description: 'For whoever runs it' },
      ],
      components: {
        securitySchemes: {
          accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          refreshCookie: { type: 'apiKey', in: 'cookie', name: refreshCookie },
        },
      },
      security: [{ accessToken: [] }],
    },
    convertConstToEnum: false,
    // The socket is in the AsyncAPI document; files are no API.
    transform: ({ schema, url }) => {
      const isHidden = url === '/ws' || url.includes('*');
      return { schema: isHidden ? { ...schema, hide: true } : schema, url };
    },
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: docsPolicy });

  const hidden = { schema: { hide: true } };
  const asynchronous = asyncApi(version);
  const events = eventSchemas();
  app.get('/docs/openapi.json', hidden, async () => app.swagger());
  app.get('/docs/asyncapi.json', hidden, async () => asynchronous);
  app.get('/docs/events', hidden, async () => events);
  for (const [file, schema] of Object.entries(eventSchemaFiles()))
    app.get(`/docs/schemas/${file}`, hidden, async () => schema);
};

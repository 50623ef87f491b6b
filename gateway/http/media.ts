// Files: sending them whole or in parts, seeing them, links to them.
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { IdParams } from '../../schemas/http.ts';
import { LinksBody, MediaQuery, PartParams, PartQuery, UploadBody } from '../../schemas/media.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Shown } from '../media/media.ts';
import { dispositionOf } from '../media/names.ts';
import { answers, nothing, one } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { bearerOf, caller, claimsOf } from './guard.ts';
import { httpProblem, okay, RefusalError, sendProblem } from './problem.ts';
import { rangeOf } from './range.ts';
import type { Api } from './server.ts';

const tags = ['media'];
/** Head lines and the name around the one file. */
const aroundBytesMax = 64 * 1024;
const firstPartMs = 30_000;
const linkKeptS = 3600;

/** What a browser shows by itself without running anything. The rest is saved, never opened. */
const shownInline = /^(image\/(jpeg|png|gif|webp)|(video|audio)\/[a-z0-9.+-]+)$/;
const savedAs: Record<string, string> = {
  'application/pdf': 'application/pdf',
  'text/plain': 'text/plain; charset=utf-8',
};
/** Even opened by itself it runs nothing, asks for nothing and is nobody's origin. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/** As browsers write these three in the name of a part (WHATWG, multipart/form-data). */
const unescaped = (name: string): string =>
  name.replace(/%(22|0D|0A)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const announced = (request: FastifyRequest): number | null => {
  const length = request.headers['content-length'];
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null;
};

export const mediaRoutes = async (inside: FastifyInstance, deps: HttpDeps): Promise<void> => {
  const { media, limits, mediaLimits } = deps;
  await inside.register(multipart, {
    // Names are what their writers' browsers send: UTF-8.
    defParamCharset: 'utf8',
    throwFileSizeLimit: false,
    limits: {
      fileSize: mediaLimits.fileBytesMax,
      files: 1,
      fields: 10,
      fieldSize: 1024,
      fieldNameSize: 100,
      headerPairs: 50,
      parts: 11,
    },
  } as Parameters<typeof multipart>[1]);
  // What is no form is read past: the routes say what they want.
  inside.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const api = inside as Api;

  const fileOf = async (request: FastifyRequest) => {
    const late = setTimeout(() => request.raw.destroy(), firstPartMs).unref();
    const part = await request
      .file()
      .catch((): Refusal => refuse('invalid_input', 'The multipart body could not be read.'))
      .finally(() => clearTimeout(late));
    if (!part) return refuse('invalid_input', 'Send one file, as the part `file`.');
    if ('kind' in part) return part;
    if (part.fieldname !== 'file') return refuse('invalid_input', 'The part with the file is called `file`.');
    const { file } = part;
    // At the bound it says so, and would end only when its sender does. What still comes is read past, so that the sender
    // gets to the answer; for how long, arrival.ts says.
    file.once('limit', () => {
      request.raw.unpipe();
      request.raw.resume();
      file.destroy();
    });
    return { name: unescaped(part.filename ?? ''), stream: file, isCut: () => file.truncated };
  };

  api.post(
    '/media',
    {
      config: { takesFiles: true },
      schema: {
        tags,
        operationId: 'upload',
        summary: 'Send a file',
        description:
          '`multipart/form-data` with one part, `file`. What it is, its bytes say. Pictures are made anew: upright, without location and other data, with a small and a middle one. A file that no message names within a day is removed.',
        consumes: ['multipart/form-data'],
        response: answers({ 201: ['It is kept', one('Media')] }),
      },
    },
    async (request, reply) => {
      const { userId } = caller(request);
      if (!request.isMultipart())
        throw new RefusalError(refuse('unsupported_media_type', 'Send the file as multipart/form-data.'));
      okay(await limits.upload(userId));
      const bytes = announced(request);
      if (bytes !== null && bytes > mediaLimits.fileBytesMax + aroundBytesMax)
        throw new RefusalError(refuse('payload_too_large', 'The file is larger than this server takes.'));
      return reply.code(201).send(okay(await media.uploads.whole(userId, bytes, () => fileOf(request))));
    },
  );

  api.get(
    '/media/limits',
    {
      schema: {
        tags,
        operationId: 'mediaLimits',
        summary: 'What may be sent',
        response: answers({ 200: ['The limits of this server', one('MediaLimits')] }),
      },
    },
    async (request) => {
      caller(request);
      return { fileBytesMax: mediaLimits.fileBytesMax };
    },
  );

  api.post(
    '/media/uploads',
    {
      schema: {
        tags,
        operationId: 'beginUpload',
        summary: 'Begin to send a file in parts',
        description:
          'For large files and bad lines: PUT each part to its `url`, in any order, several at once, again when it failed; then complete.',
        body: UploadBody,
        response: answers({ 201: ['What to send where', one('Upload')] }),
      },
    },
    async (request, reply) => {
      const { userId } = caller(request);
      okay(await limits.upload(userId));
      return reply.code(201).send(okay(await media.uploads.begin(userId, request.body)));
    },
  );

  api.get(
    '/media/uploads/:id',
    {
      schema: {
        tags,
        operationId: 'uploadState',
        summary: 'How far an upload has come',
        params: IdParams,
        response: answers({ 200: ['What is there, and what is missing', one('Upload')] }),
      },
    },
    async (request) => okay(await media.uploads.of(caller(request).userId, request.params.id)),
  );

  await inside.register(async (bytes) => partRoute(bytes, deps));

  api.post(
    '/media/uploads/:id/complete',
    {
      schema: {
        tags,
        operationId: 'completeUpload',
        summary: 'Make a file of the parts',
        description: 'Said again, the same file is answered.',
        params: IdParams,
        response: answers({ 201: ['It is kept', one('Media')] }),
      },
    },
    async (request, reply) =>
      reply.code(201).send(okay(await media.uploads.complete(caller(request).userId, request.params.id))),
  );

  api.delete(
    '/media/uploads/:id',
    {
      schema: {
        tags,
        operationId: 'cancelUpload',
        summary: 'Give up an upload, or a file that nothing has named yet',
        params: IdParams,
        response: answers({ 204: ['It is gone', nothing] }),
      },
    },
    async (request, reply) => {
      const refusal = await media.uploads.cancel(caller(request).userId, request.params.id);
      if (refusal) throw new RefusalError(refusal);
      return reply.code(204).send();
    },
  );

  api.post(
    '/media/links',
    {
      schema: {
        tags,
        operationId: 'mediaLinks',
        summary: 'Addresses that need no token',
        description:
          'For `src` and `href`, of those files that the caller may see. Good for one to two hours and the same within an hour; what the caller may see is asked again at every request. `&variant=` may be added.',
        body: LinksBody,
        response: answers({ 200: ['The links', one('MediaLinks')] }),
      },
    },
    async (request) => media.links(caller(request).userId, request.body.ids),
  );

  /** By link or by token. */
  const viewerOf = async (
    request: Pick<FastifyRequest, 'headers' | 'method' | 'routeOptions'>,
    id: string,
    query: MediaQuery,
  ): Promise<string> => {
    const { u, e, s } = query;
    if (u === undefined && e === undefined && s === undefined) {
      const token = bearerOf(request);
      if (!token)
        throw new RefusalError(refuse('not_signed_in', 'Use a link, or send an access token as Bearer.'));
      return (await claimsOf(deps, request, token)).userId;
    }
    const userId = u && e && s ? media.holderOf(id, { u, e, s }) : null;
    if (!userId)
      throw new RefusalError(
        refuse('token_expired', 'This link is wrong or has expired. Ask for a new one.'),
      );
    okay(await limits.request(userId));
    return userId;
  };

  const show = async (
    request: FastifyRequest<{ Params: { id: string }; Querystring: MediaQuery }>,
    reply: FastifyReply,
  ): Promise<FastifyReply> => {
    const { id } = request.params;
    const userId = await viewerOf(request, id, request.query);
    const shown = okay(await media.show(userId, id, request.query.variant));
    return sendFile(request, reply, shown, request.query.s !== undefined);
  };

  api.get(
    '/media/:id',
    {
      exposeHeadRoute: false,
      config: { open: true },
      schema: {
        tags,
        operationId: 'media',
        summary: 'A file',
        description:
          'For its owner, for whoever may see a message that has it or a group whose picture it is, and for everybody signed in when it is a profile picture. With a token or by a link (`u`, `e`, `s`). Ranges and `If-None-Match` are heeded. `variant`: of pictures a smaller one, WebP.',
        params: IdParams,
        querystring: MediaQuery,
        response: {
          ...answers({}),
          200: {
            description: 'The bytes',
            content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
          },
          206: {
            description: 'A range',
            content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
          },
          304: { description: 'As the caller has it', type: 'null' },
          416: {
            description: 'No such range',
            content: { 'application/problem+json': { schema: one('Problem') } },
          },
        },
      },
    },
    show,
  );
  // Fastify's own would read the file to say how long it is.
  api.head(
    '/media/:id',
    { config: { open: true }, schema: { hide: true, params: IdParams, querystring: MediaQuery } },
    show,
  );
};

const partRoute = (inside: FastifyInstance, { media }: HttpDeps): void => {
  // Bytes, whatever they are called: a part of a JSON file is not JSON.
  inside.removeAllContentTypeParsers();
  inside.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const api = inside as Api;
  api.put(
    '/media/uploads/:id/parts/:number',
    {
      config: { open: true, takesFiles: true },
      schema: {
        tags,
        operationId: 'putPart',
        summary: 'Send one part',
        description: 'Raw bytes, exactly as many as the part has. The address is its own proof.',
        security: [],
        params: PartParams,
        querystring: PartQuery,
        response: answers({ 204: ['It is there', nothing] }),
      },
    },
    async (request, reply) => {
      const { id, number } = request.params;
      // A part without a body has not gone through the parser.
      if (announced(request) === 0) throw new RefusalError(refuse('invalid_input', 'A part has bytes.'));
      const refusal = await media.uploads.part(
        id,
        Number(number),
        request.query,
        announced(request),
        request.raw,
      );
      if (refusal) throw new RefusalError(refusal);
      return reply.code(204).send();
    },
  );
};

const sendFile = async (
  request: Pick<FastifyRequest, 'headers' | 'method'>,
  reply: FastifyReply,
  shown: Shown,
  isLink: boolean,
): Promise<FastifyReply> => {
  const { media, part } = shown;
  const etag = `"${media.sha256.slice(0, 32)}-${part}"`;
  const type = part === 'original' ? media.contentType : 'image/webp';
  const isInline = shownInline.test(type);
  reply
    .header('etag', etag)
    .header('cache-control', isLink ? `private, max-age=${linkKeptS}` : 'private, no-cache')
    .header('content-security-policy', policy)
    .header('content-disposition', dispositionOf(isInline ? 'inline' : 'attachment', media.name));
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  reply.type(isInline ? type : (savedAs[type] ?? 'application/octet-stream'));
  if (shown.size !== null) reply.header('accept-ranges', 'bytes');
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const range = shown.size === null || !isSame ? null : rangeOf(request.headers.range, shown.size);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${shown.size}`);
    return sendProblem(reply, httpProblem(416, 'The file has no such bytes.'));
  }
  const bytes = await shown.read(range ?? undefined);
  if (!bytes) throw new RefusalError(refuse('not_found', 'There is no such file any more.'));
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${shown.size}`);
  reply.header('content-length', bytes.size);
  if (request.method !== 'HEAD') return reply.send(bytes.stream as never);
  bytes.stream.destroy();
  return reply.send();
};

const matches = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*') ?? false;

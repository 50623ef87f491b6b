// Looking back: what a message once said, and stretches of a conversation's life to play back.
import { IdParams, PageQuery, PlaybackQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { answers, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['messages'];

export const pastRoutes = (api: Api, { chat }: HttpDeps): void => {
  api.get(
    '/messages/:id/versions',
    {
      schema: {
        tags,
        operationId: 'versions',
        summary: 'The edit history of a message',
        description:
          'For those who may see the message. At most the newest 50; of a deleted message only that it was deleted.',
        params: IdParams,
        response: answers({ 200: ['Its texts, oldest first', one('MessageVersions')] }),
      },
    },
    async (request) => okay(await chat.versions(caller(request).userId, request.params.id)),
  );

  api.get(
    '/messages/:id/reads',
    {
      schema: {
        tags,
        operationId: 'reads',
        summary: 'Who has read a message, and since when',
        description:
          'For those who may see the message; of its readers, without the sender, who are members now. Who hides how far they read is not in it for others, and finds only oneself in it. A page may be short, and even empty, before the last one.',
        params: IdParams,
        querystring: PageQuery,
        response: answers({ 200: ['Readers, in no order that means anything', pageOf('MessageRead')] }),
      },
    },
    async (request) => {
      const { query, params } = request;
      const asked = { ...query, limit: query.limit ?? limits.pageSizeDefault };
      return okay(await chat.reads(caller(request).userId, params.id, asked));
    },
  );

  api.get(
    '/conversations/:id/playback',
    {
      schema: {
        tags,
        operationId: 'playback',
        summary: 'A stretch of history with everything that its messages ever were',
        description:
          'One of `before` and `after` a position, and `at` a time: the page that ends with the newest message sent by then; with none the newest page. Pages follow each other without a gap. `conversation` is as it stood before the first message, `changes` are what happened to its name and members from there on.',
        params: IdParams,
        querystring: PlaybackQuery,
        response: answers({ 200: ['The stretch, in order', one('PlaybackPage')] }),
      },
    },
    async (request) => {
      const { query, params } = request;
      const asked = { ...query, limit: query.limit ?? limits.pageSizeDefault };
      return okay(await chat.playback(caller(request).userId, params.id, asked));
    },
  );
};

// What a person keeps for themselves: settings of conversations, drafts, saved messages. Nobody else is ever answered it.
import { IdParams } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import {
  PersonalBaseQuery,
  type PersonalKind,
  PersonalQuery,
  personalValues,
} from '../../schemas/personal.ts';
import { answers, one } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['personal'];

const texts: Record<PersonalKind, { put: [string, string]; remove: [string, string] }> = {
  conversation: {
    put: ['setConversationSettings', 'Own settings of a conversation: pinned, archived, muted, unread'],
    remove: ['clearConversationSettings', 'Remove the own settings of a conversation'],
  },
  draft: {
    put: ['keepDraft', 'Keep what has been typed in a conversation and not sent'],
    remove: ['dropDraft', 'Remove a draft'],
  },
  saved: {
    put: ['saveMessage', 'Save a message for later'],
    remove: ['unsaveMessage', 'Take a message from the saved ones'],
  },
};

const rules =
  'Replaces the whole value. With `base`, the `rev` that it was made from (0: there was none), it answers 409 `conflict` when another device has changed it since; without, the last one wins. What is so already stays as it is.';

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

export const personalRoutes = (api: Api, { personal }: HttpDeps): void => {
  api.get(
    '/personal',
    {
      schema: {
        tags,
        operationId: 'personalChanges',
        summary: 'What the caller keeps for themselves, or what of it changed',
        description:
          'Without `since`, or with 0: all of it. With the `rev` of an earlier answer: what has changed after that, removed ones with `value: null`; or all of it again (`isWhole`) when that was too long ago. Ask on with `cursor` until `nextCursor` is null. The frame `personal` says when there is something new.',
        querystring: PersonalQuery,
        response: answers({ 200: ['A page of it', one('PersonalChanges')] }),
      },
    },
    async (request) => {
      const { since, cursor, limit = limits.pageSizeDefault } = request.query;
      const asked = { since: numberOf(since) ?? 0, limit, cursor };
      return okay(await personal.changes(caller(request).userId, asked));
    },
  );

  for (const kind of Object.keys(texts) as PersonalKind[]) {
    const url = `/personal/${kind}/:id`;
    const {
      put: [putId, putSummary],
      remove: [removeId, removeSummary],
    } = texts[kind];
    const common = { tags, params: IdParams, querystring: PersonalBaseQuery };

    api.put(
      url,
      {
        schema: {
          ...common,
          operationId: putId,
          summary: putSummary,
          description: rules,
          body: personalValues[kind],
          response: answers({ 200: ['As it is kept', one('PersonalItem')] }),
        },
      },
      async (request) => {
        const { params, query, body } = request;
        const change = { kind, key: params.id, value: body, base: numberOf(query.base) };
        return okay(await personal.put(caller(request).userId, change));
      },
    );

    api.delete(
      url,
      {
        schema: {
          ...common,
          operationId: removeId,
          summary: removeSummary,
          description: '`base` as for keeping it. Answered in the same way when there was none.',
          response: answers({ 200: ['`value` is null', one('PersonalItem')] }),
        },
      },
      async (request) => {
        const { params, query } = request;
        const change = { kind, key: params.id, value: null, base: numberOf(query.base) };
        return okay(await personal.put(caller(request).userId, change));
      },
    );
  }
};

// How the installation is, its dead letters, and what is to be done about them. For instance admins.
import { PageQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { DeadLettersQuery, OrderBody, PlaceParams } from '../../schemas/operations.ts';
import { answers, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['operations'];

export const operationRoutes = (api: Api, { operations }: HttpDeps): void => {
  api.get(
    '/operations',
    {
      schema: {
        tags,
        operationId: 'operations',
        summary: 'How everything is',
        description: 'What does not work comes first, by code. Asks every server; bounded by two seconds.',
        response: answers({ 200: ['At this moment', one('OperationsOverview')] }),
      },
    },
    async () => operations.overview(),
  );

  api.get(
    '/operations/dead-letters',
    {
      schema: {
        tags,
        operationId: 'deadLetters',
        summary: 'Events that changed nothing',
        description: 'Void at their place, or given up by somebody. Newest first.',
        querystring: DeadLettersQuery,
        response: answers({ 200: ['A page', pageOf('OperatorDeadLetter')] }),
      },
    },
    async ({ query }) =>
      okay(await operations.deadLetters({ ...query, limit: query.limit ?? limits.pageSizeDefault })),
  );

  api.get(
    '/operations/events/:topic/:partition/:offset',
    {
      schema: {
        tags,
        operationId: 'inspectEvent',
        summary: 'Look into an event',
        description:
          'Only a dead letter, or the event that stops a partition. It may hold a text, so each look is logged.',
        params: PlaceParams,
        response: answers({ 200: ['As the log has it', one('InspectedEvent')] }),
      },
    },
    async (request) => {
      const { topic, partition, offset } = request.params;
      const place = { topic, partition: Number(partition), offset: Number(offset) };
      return okay(await operations.inspect(caller(request).userId, place));
    },
  );

  api.get(
    '/operations/orders',
    {
      schema: {
        tags,
        operationId: 'orders',
        summary: 'What was ordered, by whom, and what came of it',
        querystring: PageQuery,
        response: answers({ 200: ['The newest, on one page', pageOf('OperatorOrder')] }),
      },
    },
    async ({ query }) => ({
      items: await operations.orders(query.limit ?? limits.pageSizeDefault),
      nextCursor: null,
    }),
  );

  api.post(
    '/operations/orders',
    {
      schema: {
        tags,
        operationId: 'order',
        summary: 'Order something about an event',
        description:
          'Carried out within seconds by the owner of the partition. The same order waits once, whoever gives it.',
        body: OrderBody,
        response: answers({ 202: ['It waits to be carried out', one('OperatorOrder')] }),
      },
    },
    async (request, reply) =>
      reply.code(202).send(okay(await operations.order(caller(request).userId, request.body))),
  );
};

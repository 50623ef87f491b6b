// Statistics: of a conversation for its members, of everything for instance admins.
import { IdParams, StatisticsQuery } from '../../schemas/http.ts';
import { answers, one } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { adminsOnly, caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

const tags = ['analytics'];
const counted =
  'Messages that were not deleted, reactions that were not taken back, who sent or reacted, who was new, how long answers took, and at which hours of the week people write. Times are those of the messages themselves; days and hours are those of `timeZone`.';

export const analyticsRoutes = async (api: Api, { statistics, admins }: HttpDeps): Promise<void> => {
  api.get(
    '/analytics/conversations/:id',
    {
      schema: {
        tags,
        operationId: 'conversationStatistics',
        summary: 'Statistics of a conversation, for its members',
        description: `${counted} Only what the caller may see is counted: what came while they were a member, or everything where the history is open to members.`,
        params: IdParams,
        querystring: StatisticsQuery,
        response: answers({ 200: ['The statistics', one('Statistics')] }),
      },
    },
    async (request) =>
      okay(await statistics.conversation(caller(request).userId, request.params.id, request.query)),
  );

  await api.register(async (inside) => {
    adminsOnly(inside, { admins });
    (inside as Api).get(
      '/analytics',
      {
        schema: {
          tags,
          operationId: 'statistics',
          summary: 'Statistics of everything here, for instance admins',
          description: `${counted} New people are those who registered.`,
          querystring: StatisticsQuery,
          response: answers({ 200: ['The statistics', one('Statistics')] }),
        },
      },
      async (request) => okay(await statistics.instance(request.query)),
    );
  });
};

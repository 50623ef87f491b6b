// Searching what was said.
import { SearchQuery } from '../../schemas/http.ts';
import { answers, one } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';

export const searchRoutes = (api: Api, { search }: HttpDeps): void => {
  api.get(
    '/search',
    {
      schema: {
        tags: ['messages'],
        operationId: 'search',
        summary: 'Search messages',
        description:
          'All words must occur. Exact spelling comes first, then accents apart, then beginnings of words, then one typo; newest first within each. Only what the caller may see is found.',
        querystring: SearchQuery,
        response: answers({ 200: ['What was found', one('SearchResult')] }),
      },
    },
    async (request) => okay(await search(caller(request).userId, request.query)),
  );
};

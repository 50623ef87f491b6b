// People: registering, the directory, who is online, one's own profile.
import { IdParams, PageQuery, ProfileBody, RegisterBody, UsersQuery } from '../../schemas/http.ts';
import { limits } from '../../schemas/limits.ts';
import { refuse } from '../../schemas/refusal.ts';
import { refusalOfTime } from '../personal.ts';
import { answers, one, pageOf } from './answers.ts';
import type { HttpDeps } from './deps.ts';
import { caller } from './guard.ts';
import { withPicture } from './pictures.ts';
import { okay } from './problem.ts';
import type { Api } from './server.ts';
import { answerSignedIn, fromOf, knowDevice } from './sessions.ts';

const tags = ['people'];

export const userRoutes = (api: Api, deps: HttpDeps): void => {
  const { people, profiles, sessions, limits: rates, freshUsers, setStatus, choose, accountChanged } = deps;

  api.post(
    '/users',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'register',
        summary: 'Register',
        description: 'The refresh token comes as an HttpOnly cookie, never in the body.',
        security: [],
        body: RegisterBody,
        response: answers({ 201: ['Registered and signed in', one('SignedIn')] }),
      },
    },
    async (request, reply) => {
      okay(await rates.registration(request.ip));
      const languages = request.headers['accept-language'] ?? '';
      const { userId } = okay(await profiles.register(request.body, { address: request.ip, languages }));
      const grant = await sessions.begin(userId, fromOf(request));
      const signedIn = await answerSignedIn(deps, reply.code(201), grant);
      await knowDevice(deps, request, reply, { userId, isNewcomer: true });
      return signedIn;
    },
  );

  api.get(
    '/users',
    {
      schema: {
        tags,
        operationId: 'findUsers',
        summary: 'Directory',
        description:
          'Names that begin with or contain `q`, case and accents ignored; without `q` everybody by name. With `ids` these people, in no order; unknown ones are left out.',
        querystring: UsersQuery,
        response: answers({ 200: ['A page of people', pageOf('User')] }),
      },
    },
    async ({ query: { ids, ...query } }) => {
      if (ids !== undefined) {
        if (query.q !== undefined || query.cursor !== undefined)
          return okay(refuse('invalid_input', 'Ask for `ids` or for `q`; of ids there is one page.'));
        const asked = [...new Set(ids.toLowerCase().split(','))];
        await freshUsers(asked);
        return { items: await people.several(asked), nextCursor: null };
      }
      await freshUsers();
      return okay(
        await people.find({ ...query, q: query.q ?? '', limit: query.limit ?? limits.pageSizeDefault }),
      );
    },
  );

  api.get(
    '/users/active',
    {
      schema: {
        tags,
        operationId: 'activeUsers',
        summary: 'Who is online or away',
        querystring: PageQuery,
        response: answers({ 200: ['A page of people', pageOf('User')] }),
      },
    },
    async ({ query }) => {
      await freshUsers();
      return okay(await people.active({ ...query, limit: query.limit ?? limits.pageSizeDefault }));
    },
  );

  api.get(
    '/users/:id',
    {
      schema: {
        tags,
        operationId: 'user',
        summary: 'A person',
        description: '`email`, `preferences` and `isInstanceAdmin` are answered only to the person.',
        params: IdParams,
        response: answers({ 200: ['The person', one('User')] }),
      },
    },
    async (request) => {
      const { userId } = caller(request);
      const { id } = request.params;
      // Of oneself the account knows what the directory does not show yet.
      if (id !== userId) await freshUsers([id]);
      return okay(await people.user(userId, id));
    },
  );

  api.put(
    '/users/:id',
    {
      schema: {
        tags,
        operationId: 'changeUser',
        summary: 'Change the own profile',
        description:
          "Fields that are left out stay. `status`: `away` and `offline` are shown to others until changed; `online` goes back to what the open connections say. `statusText` (null takes it away) holds until `statusUntil`, or without end. Of `privacy` what is named changes. `pictureMediaId`: an own upload that is a picture; null takes it away. `password`, the present one, is needed where a confirmed `email` becomes another or none; an address that was given without it gets mail, but sets no new password until it is given with it. The frame `account` tells the person's other devices.",
        params: IdParams,
        body: ProfileBody,
        response: answers({ 200: ['The changed profile', one('User')] }),
      },
    },
    async (request) => {
      const { userId } = caller(request);
      if (request.params.id !== userId)
        return okay(refuse('not_allowed', 'Only the person may change this profile.'));
      const body = await withPicture(deps, userId, request.body, 'profilePicUrl');
      const { status, statusText, statusUntil, privacy, email, password, ...rest } = body;
      const profile = {
        ...rest,
        ...(email !== undefined && { address: { email, password, from: fromOf(request) } }),
      };
      const chosen = {
        ...(statusText !== undefined && { statusText }),
        ...(statusUntil !== undefined && { statusUntil }),
        ...(privacy !== undefined && { privacy }),
      };
      if (statusUntil) okay(refusalOfTime(statusUntil));
      okay(await profiles.change(userId, profile));
      if (Object.keys(chosen).length > 0) await choose(userId, chosen);
      else if (Object.keys(profile).length > 0) await accountChanged(userId);
      if (status) await setStatus(userId, status);
      return okay(await people.user(userId, userId));
    },
  );
};

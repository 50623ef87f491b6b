// What the product says no with: problem+json, stable codes, the statuses of the protocol.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schemas/limits.ts';
import type { Problem } from '../../schemas/views.ts';
import type { Answer, Method } from '../client/http.ts';
import { password, randomName } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { Stage } from './stage.ts';

const expectProblem = (answer: Answer, status: number, code?: string) => {
  const problem = answer.body as Problem;
  expect(answer.status, JSON.stringify(problem)).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(problem).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    detail: expect.any(String),
    code: expect.stringMatching(/^[a-z_]+$/),
    status,
  });
  if (code) expect(problem.code).toBe(code);
};

export const problems = (target: () => Target) =>
  describe('problems', () => {
    const stage = new Stage(target);

    it('refuses unknown fields at every route that takes a body', async () => {
      const { id, ann, bob } = await stage.pair();
      const sent = await ann.say(id, 'x');
      const bodies: [Method, string, object][] = [
        ['POST', '/api/users', { username: randomName(), password }],
        ['POST', '/api/sessions', { username: ann.user.username, password }],
        ['PUT', `/api/users/${ann.id}`, { profilePicUrl: null }],
        ['POST', '/api/conversations', { isGroup: false, memberIds: [bob.id] }],
        ['PATCH', `/api/conversations/${id}`, { name: 'x' }],
        ['POST', `/api/conversations/${id}/members`, { userId: bob.id }],
        ['PATCH', `/api/conversations/${id}/members/${bob.id}`, { isAdmin: true }],
        ['POST', `/api/conversations/${id}/messages`, { ref: randomUUID(), content: 'x' }],
        ['PATCH', `/api/messages/${sent.id}`, { content: 'x' }],
      ];
      for (const [method, path, body] of bodies)
        for (const extra of [{ extra: 1 }, { senderId: bob.id }, { position: '1' }]) {
          const answer = await ann.api.ask(method, path, { body: { ...body, ...extra } });
          expectProblem(answer, 400, 'invalid_input');
        }
      expect((await ann.api.wholeHistory(id)).map(({ content }) => content)).toEqual(['x']);
    });

    it('refuses what is no JSON, the wrong type of it, too deep, too large, and tricks with prototypes', async () => {
      const ann = await stage.person();
      const post = (raw: string, headers: Record<string, string> = {}) =>
        ann.api.ask('POST', '/api/conversations', { raw, headers });
      expectProblem(await post('{'), 400, 'invalid_input');
      expectProblem(await post('[]'), 400, 'invalid_input');
      expectProblem(await post('null'), 400, 'invalid_input');
      expectProblem(await post(''), 400);
      expectProblem(await post('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
      expectProblem(await post(`{"name":"${'x'.repeat(limits.bodyBytesMax)}"}`), 413, 'payload_too_large');
      expectProblem(await post(`${'['.repeat(5_000)}${']'.repeat(5_000)}`), 400, 'invalid_input');
      expectProblem(
        await post('{"__proto__":{"isAdmin":true},"isGroup":true,"name":"x","memberIds":[]}'),
        400,
        'invalid_input',
      );
      expectProblem(await post('{"isGroup":true,"name":"\\ud800","memberIds":[]}'), 400, 'invalid_input');
    });

    it('refuses wrong ids, names, passwords and addresses with 400 and says where', async () => {
      const ann = await stage.person();
      expectProblem(await ann.api.ask('GET', '/api/conversations/not-an-id'), 400, 'invalid_input');
      expectProblem(await ann.api.ask('GET', '/api/users/%00'), 400);
      for (const body of [
        { username: 'with space', password },
        { username: '', password },
        { username: 'x'.repeat(65), password },
        { username: 'control\u0007', password },
        { username: 'zero\u200bwidth', password },
        { username: randomName(), password: 'short' },
        { username: randomName(), password, email: 'no address' },
        { username: randomName() },
        { username: 7, password },
      ]) {
        const answer = await ann.api.ask('POST', '/api/users', { body, token: null });
        expectProblem(answer, 400, 'invalid_input');
      }
      const answer = await ann.api.ask('POST', '/api/users', { body: { username: randomName() } });
      expect((answer.body as Problem).errors?.[0]?.path).toBe('/password');
    });

    it('answers what does not exist with 404, and a known address with the wrong method with 405', async () => {
      const ann = await stage.person();
      expectProblem(await ann.api.ask('GET', '/api/nothing-here'), 404, 'not_found');
      expectProblem(await ann.api.ask('GET', `/api/users/${randomUUID()}`), 404, 'not_found');
      const answer = await ann.api.ask('DELETE', '/api/users/active');
      expect([404, 405]).toContain(answer.status);
      expectProblem(answer, answer.status);
    });

    it('is healthy and ready, names its dependencies, and shows metrics and API pages', async () => {
      const ann = await stage.person();
      expect((await ann.api.ask('GET', '/healthz', { token: null })).status).toBe(200);
      const ready = await ann.api.ask('GET', '/readyz', { token: null });
      expect(ready.status).toBe(200);
      expect(ready.body).toMatchObject({ status: 'ready', checks: expect.any(Object) });
      const metrics = await ann.api.ask('GET', '/metrics', { token: null });
      expect(metrics.status).toBe(200);
      expect(String(metrics.body)).toMatch(/^# HELP /m);
      expect((await ann.api.ask('GET', '/docs', { token: null })).status).toBeLessThan(400);
    });

    it('lets no cache keep answers, and no page of another origin read them', async () => {
      const ann = await stage.person();
      const headers = { origin: 'https://evil.example' };
      const answer = await ann.api.ask('GET', '/api/conversations', { headers });
      expect(answer.headers.get('cache-control')).toContain('no-store');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const forged = await ann.api.ask('POST', '/api/sessions/refresh', { headers });
      expectProblem(forged, 403, 'foreign_origin');
    });
  });

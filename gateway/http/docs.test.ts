// The pages about the API agree with what is there.
import { randomUUID } from 'node:crypto';
import { Parser } from '@asyncapi/parser';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDoor } from './door.fake.ts';

const { app, call, register } = await makeDoor();
const { token } = await register();
afterAll(() => app.close());

describe('documents', () => {
  it('OpenAPI lists every route with all its answers, and its references hold', async () => {
    const document = (await call('GET', '/docs/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const ids = new Set<string>();
    for (const [path, item] of Object.entries<Record<string, Operation>>(document.paths))
      for (const operation of Object.values(item)) {
        expect(ids.has(operation.operationId)).toBe(false);
        ids.add(operation.operationId);
        const named = (operation.parameters ?? [])
          .filter((each) => each.in === 'path')
          .map((each) => each.name);
        expect([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])).toEqual(named);
        const statuses = Object.keys(operation.responses);
        if (path.startsWith('/api'))
          expect(statuses).toEqual(
            expect.arrayContaining([
              '400',
              '401',
              '403',
              '404',
              '405',
              '409',
              '413',
              '415',
              '422',
              '429',
              '500',
              '503',
            ]),
          );
      }
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty(String(name));
    expect(text).not.toContain('"$ref":"Message');
    expect(text).not.toContain('"$id"');
    // Without documents and files the tree of routes has exactly as many; each line ends in `(GET, HEAD)` or so.
    const tree = await makeDoor();
    await tree.app.ready();
    const lines = tree.app.printRoutes({ commonPrefix: false }).split('\n');
    const own = lines.slice(lines.findIndex((line) => line.includes('/healthz')));
    const methods = own.flatMap((line) => line.match(/\b(GET|POST|PUT|PATCH|DELETE)\b/g) ?? []);
    expect(methods).toHaveLength(ids.size);
    await tree.app.close();
  });

  it('AsyncAPI is valid', async () => {
    const text = (await call('GET', '/docs/asyncapi.json')).body;
    const { diagnostics, document } = await new Parser().parse(text);
    expect(diagnostics.filter((each) => each.severity === 0)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(document?.allMessages().length).toBeGreaterThan(30);
    const events = (await call('GET', '/docs/events')).json();
    expect(events.events['message.sent']).toMatchObject({ topic: 'chat.conversations', dataversion: 2 });
    const one = (await call('GET', '/docs/schemas/message.sent.v2.json')).json();
    expect(one).toMatchObject({ title: 'message.sent', properties: { type: { const: 'message.sent' } } });
  }, 30_000);

  it('are shown by a page of our own files only', async () => {
    const page = await call('GET', '/docs');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain(
      "script-src 'self'; style-src 'self' 'unsafe-inline'",
    );
    expect(page.body).not.toMatch(/<script>|src="http/);
    const other = await call('GET', '/api/users', { token });
    expect(other.headers['content-security-policy']).toContain("style-src 'self';");
  });
});

type Operation = {
  operationId: string;
  parameters?: { in: string; name: string }[];
  responses: Record<string, unknown>;
  requestBody?: unknown;
};

describe('bodies', () => {
  it('refuse unknown fields everywhere', async () => {
    const document = (await call('GET', '/docs/openapi.json')).json();
    let count = 0;
    for (const [path, item] of Object.entries<Record<string, Operation>>(document.paths))
      for (const [method, operation] of Object.entries(item)) {
        if (!operation.requestBody) continue;
        // Where other products post, which send more than we know.
        if (path === '/api/hooks/{id}/{secret}') continue;
        count += 1;
        const url = path.replace(/\{\w+\}/g, () => randomUUID());
        const answer = await call(method.toUpperCase(), url, { token, body: { isRoot: true } });
        expect([path, answer.statusCode, answer.json().code]).toEqual([path, 400, 'invalid_input']);
      }
    expect(count).toBe(31);
  });
});

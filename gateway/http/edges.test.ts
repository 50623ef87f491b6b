import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OutsideError } from '../../ports/errors.ts';
import { makeDoor } from './door.fake.ts';

const webDir = await mkdtemp(join(tmpdir(), 'chatvui-web-'));
await mkdir(join(webDir, 'assets'));
await writeFile(join(webDir, 'index.html'), '<!doctype html><title>ChatVui</title>');
await writeFile(join(webDir, 'assets', 'app-1a2b3c.js'), 'export {}');
await writeFile(join(webDir, 'sw.js'), 'self.addEventListener("fetch", () => {})');
await writeFile(join(webDir, 'manifest.webmanifest'), '{}');
await writeFile(join(webDir, '.env'), 'SECRET=1');
let draining = false;
let logAway = false;
const door = await makeDoor({
  webDir,
  allowedOrigins: ['https://chat.example.org'],
  draining: () => draining,
  version: '1.2.3',
  healthChecks: [
    {
      name: 'log',
      needed: true,
      check: async () => {
        if (logAway) throw new OutsideError('log_unavailable', 'later', 'broker 10.0.0.7');
      },
    },
    { name: 'presence', needed: false, check: () => Promise.reject(new Error('away')) },
  ],
});
const { call, app } = door;
const { token, cookie } = await door.register();
afterAll(async () => {
  await app.close();
  await rm(webDir, { recursive: true });
});

describe('headers', () => {
  it.each(['/api/users', '/api/nothing', '/', '/healthz', '/assets/app-1a2b3c.js'])(
    'protect %s',
    async (url) => {
      const { headers } = await call('GET', url);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain("script-src 'self' ");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['x-powered-by']).toBeUndefined();
      if (url.startsWith('/api')) expect(headers['cache-control']).toBe('no-store');
    },
  );

  it('ask for https where it is spoken, and keep the cookie to it', async () => {
    const secure = await makeDoor({ behindTls: true });
    const answer = await secure.call('POST', '/api/users', {
      body: { username: 'a', password: 'long enough' },
    });
    expect(answer.headers['strict-transport-security']).toContain('max-age=31536000');
    expect(answer.cookies[0]).toMatchObject({ secure: true });
    await secure.app.close();
  });

  it('ask connections to close while draining', async () => {
    draining = true;
    expect((await call('GET', '/healthz')).headers.connection).toBe('close');
    const ready = await call('GET', '/readyz');
    expect([ready.statusCode, ready.json().status]).toEqual([503, 'draining']);
    draining = false;
  });
});

describe('methods', () => {
  it.each(['POST', 'DELETE', 'PATCH', 'TRACE'])('refuse %s where it is not known', async (method) => {
    const answer = await call(method, '/api/users/active', { token });
    expect([answer.statusCode, answer.json().code]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
  });
  it('answer OPTIONS and HEAD, and 404 elsewhere', async () => {
    const options = await call('OPTIONS', '/api/users');
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    const head = await call('HEAD', '/api/users', { token });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    for (const url of [
      '/api/nothing',
      '/api',
      '/api/users/a/b/c',
      '/missing.js',
      '/.env',
      '/..%2f..%2fetc/passwd',
    ]) {
      const answer = await call('GET', url, { token });
      expect([url, answer.statusCode]).toEqual([url, 404]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
  });
  it('say that nothing is there before they look at what was sent', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await call('POST', '/api/nothing', { headers, body: 'x' })).statusCode).toBe(404);
    expect((await call('POST', '/healthz', { headers, body: 'x' })).statusCode).toBe(405);
  });
  it('refuse what is no HTTP in the same words', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const address = app.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const raw = (text: string) =>
      new Promise<string>((done) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => {
          answer += data;
        });
        socket.on('close', () => done(answer));
        socket.on('error', () => done(answer));
      });
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json/);
    const query = await raw('QUERY /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(query).toMatch(/^HTTP\/1.1 405 [\s\S]*allow: GET, HEAD, OPTIONS/i);
    const huge = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(80_000)}\r\n\r\n`;
    expect(await raw(huge)).toMatch(/^HTTP\/1.1 431 [\s\S]*headers_too_large/);
  });
});

describe('origins', () => {
  const refresh = (headers: Record<string, string>) =>
    call('POST', '/api/sessions/refresh', { headers: { host: 'chat.test:3000', ...headers } });
  it.each([
    'https://evil.example',
    'null',
    'http://chat.test',
    'http://chat.test:3001',
    'http://chat.test:3000.evil.example',
    'http://sub.chat.test:3000',
    'https://chat.example.org.evil.example',
    'https://chat.example.org:444',
    'http://chat.example.org',
    '',
  ])('refuse the cookie from %j', async (origin) => {
    const answer = await refresh({ origin, cookie });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'foreign_origin']);
  });
  it('take it from the own page, an allowed one, and from what is no browser', async () => {
    for (const origin of ['http://chat.test:3000', 'https://chat.test:3000', 'https://chat.example.org'])
      expect((await refresh({ origin, cookie })).statusCode).toBe(200);
    expect((await refresh({ cookie })).statusCode).toBe(200);
    expect((await refresh({ cookie, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  });
});

describe('files', () => {
  it('keep hashed assets for ever and ask for the page each time', async () => {
    const asset = await call('GET', '/assets/app-1a2b3c.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    for (const url of ['/', '/c/1234']) {
      const page = await call('GET', url, { headers: { accept: 'text/html' } });
      expect([page.statusCode, page.headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(page.body).toContain('ChatVui');
    }
  });

  it('ask for the service worker each time, or an old version would never go', async () => {
    const worker = await call('GET', '/sw.js', { headers: { 'service-worker': 'script' } });
    expect([worker.statusCode, worker.headers['cache-control']]).toEqual([200, 'no-cache']);
    expect(worker.headers['content-type']).toMatch(/^(text|application)\/javascript/);
    expect(worker.headers['content-security-policy']).toContain("connect-src 'self'");
    const manifest = await call('GET', '/manifest.webmanifest');
    expect(manifest.headers).toMatchObject({ 'cache-control': 'no-cache' });
    expect(manifest.headers['content-type']).toContain('application/manifest+json');
  });
});

describe('health', () => {
  it('is alive, and ready only when sending works', async () => {
    expect((await call('GET', '/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' });
    const ready = await call('GET', '/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      {
        status: 'ready',
        checks: { log: { ok: true, needed: true }, presence: { ok: false, needed: false, code: 'failed' } },
      },
    ]);
    logAway = true;
    const away = await call('GET', '/readyz');
    logAway = false;
    expect([away.statusCode, away.json().checks.log.code]).toEqual([503, 'log_unavailable']);
    expect(away.body).not.toContain('10.0.0.7');
    const metrics = await call('GET', '/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain/);
    expect(metrics.body).toContain(
      'chatvui_http_request_seconds_count{method="GET",route="/readyz",status="503"} ',
    );
    expect(metrics.body).not.toContain(token);
  });
});

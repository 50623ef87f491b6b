// TLS, by the product itself and by HAProxy in front of it with the very configuration of the documents.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../client/eventually.ts';
import { randomName } from '../client/person.ts';
import { type Embedded, startEmbedded } from '../harness.ts';
import { freePort, ProductProcess } from '../harness-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'chatvui-edge-'));
const [key, cert, pem] = ['key.pem', 'cert.pem', 'site.pem'].map((name) => join(dir, name)) as [
  string,
  string,
  string,
];
const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find(existsSync);
const haproxy = ['/usr/sbin/haproxy', '/usr/bin/haproxy'].find(existsSync);
if (!openssl) console.warn('SKIPPED TLS: openssl is not installed');
if (!haproxy) console.warn('SKIPPED reverse proxy: haproxy is not installed');

beforeAll(() => {
  if (!openssl) return;
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync(openssl, [...made, ...subject], { stdio: 'ignore' });
  writeFileSync(pem, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: string };

const ask = (
  url: string,
  method = 'GET',
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const json = body ? { 'content-type': 'application/json' } : {};
    const options = { method, ca: readFileSync(cert), headers: { ...json, ...headers } };
    const outgoing = request(url, options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body ? JSON.stringify(body) : undefined);
  });

/** Signs up by HTTPS, connects by WSS from a page of that origin, and hears that it is signed in. */
const journey = async (base: string): Promise<Answer> => {
  const registered = await ask(`${base}/api/users`, 'POST', {
    username: randomName(),
    password: 'a long password',
  });
  expect(registered.status).toBe(201);
  const { user, accessToken } = JSON.parse(registered.body);
  const socket = new WebSocket(`${base.replace('https', 'wss')}/ws`, 'chatvui.v1', {
    ca: readFileSync(cert),
    headers: { origin: base },
  });
  const frame = await new Promise<{ type: string; userId: string }>((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connect', token: accessToken })));
    socket.on('message', (data) => resolve(JSON.parse(String(data))));
    socket.on('error', reject);
  });
  expect(frame).toMatchObject({ type: 'connect', userId: user.id });
  socket.terminate();
  return registered;
};

const expectSecure = ({ headers }: Answer): void => {
  expect(String(headers['set-cookie'])).toMatch(/Secure/i);
  expect(headers['strict-transport-security']).toBeDefined();
};

describe.runIf(openssl)('TLS_CERT and TLS_KEY', () => {
  let server: ProductProcess;
  let base: string;
  beforeAll(async () => {
    const port = String(await freePort());
    base = `https://localhost:${port}`;
    const env = { TLS_CERT: cert, TLS_KEY: key, PORT: port, HOST: '127.0.0.1', DATA_DIR: join(dir, 'data') };
    server = new ProductProcess({ name: 'tls', args: ['start'], env });
    await server.start();
    await eventually(async () => (await ask(`${base}/readyz`)).status === 200, 'ready by HTTPS', 30_000);
  });
  afterAll(() => server?.kill('SIGTERM'));

  it('serve HTTPS and WSS, with Secure cookies and HSTS', async () => {
    expectSecure(await journey(base));
  });

  it('refuse a page of another origin at the handshake', async () => {
    const socket = new WebSocket(`${base.replace('https', 'wss')}/ws`, 'chatvui.v1', {
      ca: readFileSync(cert),
      headers: { origin: 'https://evil.example' },
    });
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
    expect(error.message).toContain('403');
  });
});

describe.runIf(openssl && haproxy)('docs/haproxy.cfg', () => {
  let server: Embedded;
  let proxy: ChildProcess;
  let base: string;
  beforeAll(async () => {
    const port = await freePort();
    base = `https://localhost:${port}`;
    server = await startEmbedded({ env: { PUBLIC_URL: base, TRUST_PROXY: '1' } });
    const gateway = new URL(server.url).host;
    proxy = spawn(haproxy as string, ['-f', 'docs/haproxy.cfg'], {
      env: { CERT: pem, LISTEN: `127.0.0.1:${port}`, GATEWAY_1: gateway, GATEWAY_2: gateway },
      stdio: 'ignore',
    });
    await eventually(async () => (await ask(`${base}/readyz`)).status === 200, 'ready by HAProxy', 15_000);
  });
  afterAll(async () => {
    proxy?.kill('SIGTERM');
    await server?.stop();
  });

  it('passes HTTPS and WSS on, with Secure cookies and HSTS', async () => {
    expectSecure(await journey(base));
  });

  it('keeps metrics inside', async () => {
    expect((await ask(`${base}/metrics`)).status).toBe(404);
  });
});

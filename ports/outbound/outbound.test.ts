// OB: what people's addresses can reach. No test here leaves the machine: 127.0.0.2 stands for the internet where one is needed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isPublicAddress } from './addresses.ts';
import { badAllowances } from './allowed.ts';
import { hostileUrls, innerAddresses } from './fixture-hostile.ts';
import { createOutbound } from './outbound.ts';
import type { Resolve } from './resolve.ts';

const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find(existsSync);

/** Must never be connected to. */
let canary: Server;
let canaryConnections = 0;
/** Stands for the internet, at the canary's port. */
let site: Server;
let port = 0;
let answer: RequestListener;
let seen: IncomingMessage[] = [];

const listen = (server: Server, address: string, at: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, address, resolve);
  });

beforeAll(async () => {
  canary = createServer((_request, response) => response.end('inner secret'));
  canary.on('connection', () => {
    canaryConnections += 1;
  });
  await listen(canary, '127.0.0.1', 0);
  port = (canary.address() as AddressInfo).port;
  site = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await listen(site, '127.0.0.2', port);
});

beforeEach(() => {
  canaryConnections = 0;
  seen = [];
  answer = (_request, response) => response.end('hello');
});

afterAll(() => {
  for (const server of [canary, site]) {
    server.closeAllConnections();
    server.close();
  }
});

/** Names to the answers of their name server, one after the other; the last one stays. */
const namesOf = (names: Record<string, string[][]>) => {
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    asked.push(host);
    const answers = names[host] ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
  };
  return { resolve, asked };
};

const toSite = (names: Record<string, string[][]> = { 'site.com': [['127.0.0.2']] }) => {
  const { resolve, asked } = namesOf(names);
  return { outbound: createOutbound({ allow: ['127.0.0.2'], resolve }), asked };
};

const siteUrl = (path = '/') => `http://site.com:${port}${path}`;

describe('what is refused before anything is connected', () => {
  const { resolve } = namesOf({});
  const outbound = createOutbound({ resolve });

  test('OB1 the corpus has 200 ways and more', () => {
    expect(hostileUrls.length).toBeGreaterThan(200);
  });

  test('OB2 none of the corpus is requested, whatever its port', async () => {
    for (const url of hostileUrls) {
      expect(await outbound.request({ url }), url).toMatchObject({ kind: 'refused' });
      const there = url.replace(/^(http:\/\/[^/]+)\/$/, `$1:${port}/`);
      expect(await outbound.request({ url: there }), there).toMatchObject({ kind: 'refused' });
    }
    expect(canaryConnections).toBe(0);
  });

  test('OB3 an address is refused as such, not only for its port', () => {
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:7f00:1]', '[::1]'])
      expect(outbound.check(`http://${host}:${port}/`)).toMatchObject({ reason: 'private_address' });
  });

  test('OB4 a public name whose server names something inner, alone or among others', async () => {
    for (const address of innerAddresses)
      for (const addresses of [[address], ['93.184.216.34', address], [address, '93.184.216.34']]) {
        const { resolve } = namesOf({ 'evil.com': [addresses] });
        expect(
          await createOutbound({ resolve }).request({ url: 'http://evil.com/' }),
          addresses.join(),
        ).toMatchObject({ reason: 'private_address' });
      }
  });

  test.each([
    '93.184.216.34',
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:2800:220:1:248:1893:25c8:1946',
    '2a00:1450:4001:82a::200e',
    '2400:cb00:2048:1::c629:d7a2',
  ])('OB5 %s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
    const host = address.includes(':') ? `[${address}]` : address;
    expect(outbound.check(`https://${host}/`)).toBeNull();
  });

  test.each(['https://example.com/a?b=c#d', 'http://bücher.de/', 'https://example.com:443/', 'http://a.b.'])(
    'OB6 %s may be asked for',
    (url) => expect(outbound.check(url)).toBeNull(),
  );

  test('OB7 another port than 80 and 443 is refused without asking a name server', async () => {
    const { resolve, asked } = namesOf({});
    expect(await createOutbound({ resolve }).request({ url: 'http://site.com:8080/' })).toMatchObject({
      reason: 'port',
    });
    expect(asked).toEqual([]);
  });
});

describe('names that change', () => {
  test('OB10 the connection goes to the address that was looked at, though the next answer is another', async () => {
    const { outbound, asked } = toSite({ 'site.com': [['127.0.0.2'], ['127.0.0.1']] });
    expect(await outbound.request({ url: siteUrl() })).toMatchObject({
      kind: 'answer',
      status: 200,
      body: Buffer.from('hello'),
    });
    expect(asked).toEqual(['site.com']);
    expect(canaryConnections).toBe(0);
  });

  test('OB11 a redirect to the same name is looked at anew', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
    const { outbound, asked } = toSite({ 'site.com': [['127.0.0.2'], ['127.0.0.1']] });
    expect(await outbound.request({ url: siteUrl() })).toMatchObject({ reason: 'private_address' });
    expect(asked).toHaveLength(2);
    expect(canaryConnections).toBe(0);
  });

  test('OB12 an answer with one inner address among others is refused whole', async () => {
    const { outbound } = toSite({ 'site.com': [['127.0.0.2', '127.0.0.1']] });
    expect(await outbound.request({ url: siteUrl() })).toMatchObject({ reason: 'private_address' });
    expect(seen).toHaveLength(0);
  });
});

describe('redirects', () => {
  test('OB20 none of the corpus is followed to', async () => {
    const { outbound } = toSite();
    for (const location of hostileUrls.filter((url) => /^[a-z]+:/.test(url) && !/[^\x21-\x7e]/.test(url))) {
      answer = (_request, response) => response.writeHead(302, { location }).end();
      expect(await outbound.request({ url: siteUrl() }), location).toMatchObject({ kind: 'refused' });
    }
    expect(canaryConnections).toBe(0);
  });

  test('OB21 three are followed, and the last address is told', async () => {
    answer = ({ url = '' }, response) => {
      const step = Number(url.slice(1));
      if (step < 3) response.writeHead(307, { location: `/${step + 1}` }).end();
      else response.end('there');
    };
    const { outbound } = toSite();
    expect(await outbound.request({ url: siteUrl('/0') })).toMatchObject({
      url: siteUrl('/3'),
      body: Buffer.from('there'),
    });
    expect(await outbound.request({ url: siteUrl('/-1') })).toMatchObject({ reason: 'too_many_redirects' });
  });

  test('OB22 what is meant for one origin does not go to another', async () => {
    answer = ({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: `http://other.com:${port}/there` });
      response.end();
    };
    const { outbound } = toSite({ 'site.com': [['127.0.0.2']], 'other.com': [['127.0.0.2']] });
    await outbound.request({ url: siteUrl(), headers: { authorization: 'mine', accept: 'text/html' } });
    expect(seen.map(({ headers }) => [headers.host, headers.authorization, headers.accept])).toEqual([
      [`site.com:${port}`, 'mine', 'text/html'],
      [`other.com:${port}`, undefined, 'text/html'],
    ]);
  });

  test('OB23 a POST is not sent on', async () => {
    answer = (_request, response) => response.writeHead(308, { location: '/again' }).end();
    const { outbound } = toSite();
    expect(await outbound.request({ url: siteUrl(), method: 'POST', body: 'x' })).toMatchObject({
      status: 308,
    });
    expect(seen).toHaveLength(1);
  });
});

describe('what comes back', () => {
  test('OB30 a POST carries its body and headers, and nothing that nobody gave', async () => {
    let got = '';
    answer = async (request, response) => {
      for await (const chunk of request) got += chunk;
      response.writeHead(204, { 'set-cookie': 'a=b' }).end();
    };
    const { outbound } = toSite();
    const sent = { url: siteUrl(), method: 'POST', headers: { 'x-signature': 's' }, body: 'chào' } as const;
    expect(await outbound.request(sent)).toMatchObject({ kind: 'answer', status: 204 });
    await outbound.request(sent);
    expect(got).toBe('chàochào');
    expect(seen[1]?.headers).toEqual({
      'user-agent': 'ChatVui',
      'x-signature': 's',
      'accept-encoding': 'gzip, br',
      'content-length': '5',
      host: `site.com:${port}`,
      connection: 'close',
    });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('OB31 %s is unpacked', async (encoding, pack) => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(pack('packed'));
    const { outbound } = toSite();
    expect(await outbound.request({ url: siteUrl() })).toMatchObject({ body: Buffer.from('packed') });
  });

  test('OB32 a bomb costs no more than the bound', async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    const { outbound } = toSite();
    const before = process.memoryUsage().arrayBuffers;
    expect(await outbound.request({ url: siteUrl(), bytesMax: 300_000 })).toMatchObject({
      reason: 'too_large',
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
  });

  test('OB33 packed twice, or in a way of its own, is refused', async () => {
    const { outbound } = toSite();
    for (const encoding of ['gzip, gzip', 'zstd', 'constructor']) {
      answer = (_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(gzipSync('x')));
      expect(await outbound.request({ url: siteUrl() })).toMatchObject({ reason: 'encoding' });
    }
  });

  test('OB34 of an endless stream as much as is wanted, and then the connection is closed', async () => {
    let closed: Promise<void> | undefined;
    answer = (request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', () => resolve()));
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const { outbound } = toSite();
    const cut = await outbound.request({ url: siteUrl(), bytesMax: 100_000, whenLarger: 'cut' });
    expect(cut).toMatchObject({ kind: 'answer', cut: true });
    expect(cut.kind === 'answer' && cut.body.byteLength).toBe(100_000);
    await closed;
    expect(await outbound.request({ url: siteUrl(), bytesMax: 100_000 })).toMatchObject({
      reason: 'too_large',
    });
  });

  test('OB35 a body that is not wanted is not read', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'video/mp4' });
      response.write('x');
    };
    const { outbound } = toSite();
    const wanted = (head: { headers: Record<string, unknown> }) =>
      head.headers['content-type'] === 'text/html';
    expect(await outbound.request({ url: siteUrl(), wanted })).toMatchObject({
      cut: true,
      body: Buffer.alloc(0),
    });
  });
});

describe('outages are typed', () => {
  test.each<[string, RequestListener, string]>([
    ['silent', () => {}, 'outbound_timeout'],
    [
      'dripping',
      (_request, response) => {
        const drip = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(drip));
      },
      'outbound_timeout',
    ],
    ['gone', (request) => request.socket.destroy(), 'outbound_unreachable'],
    [
      'breaking off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.socket?.destroy());
      },
      'outbound_unreachable',
    ],
    ['no HTTP', (request) => request.socket.end('SSH-2.0\r\n'), 'outbound_unreachable'],
    [
      'with endless headers',
      (request) => request.socket.end(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`),
      'outbound_unreachable',
    ],
    [
      'packed and broken',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
      'outbound_unreachable',
    ],
  ])('OB40 a server that is %s', async (_name, behaves, code) => {
    answer = behaves;
    const { outbound } = toSite();
    await expect(outbound.request({ url: siteUrl(), timeoutMs: 300 })).rejects.toMatchObject({
      name: 'OutsideError',
      code,
      retry: 'later',
    });
  });

  test('OB41 a name that does not exist, a resolver that hangs, nobody at the port', async () => {
    const gone = createOutbound({ allow: ['127.0.0.2'], resolve: async () => [] });
    await expect(gone.request({ url: siteUrl() })).rejects.toMatchObject({ code: 'outbound_unreachable' });
    const hanging = createOutbound({ allow: ['127.0.0.2'], resolve: () => new Promise(() => {}) });
    await expect(hanging.request({ url: siteUrl(), timeoutMs: 50 })).rejects.toMatchObject({
      code: 'outbound_timeout',
    });
    const nobody = createOutbound({ allow: ['127.0.0.3'], resolve: async () => ['127.0.0.3'] });
    await expect(nobody.request({ url: siteUrl() })).rejects.toMatchObject({ code: 'outbound_unreachable' });
  });

  test.skipIf(!openssl)('OB43 a certificate that nobody vouches for is no conversation', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'chatvui-outbound-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=site.com'];
    execFileSync(openssl ?? '', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    let requests = 0;
    const secure = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
      requests += 1;
      response.end('hello');
    });
    try {
      await new Promise<void>((resolve) => secure.listen(0, '127.0.0.2', resolve));
      const { outbound } = toSite();
      const url = `https://site.com:${(secure.address() as AddressInfo).port}/`;
      await expect(outbound.request({ url })).rejects.toMatchObject({ code: 'outbound_unreachable' });
      expect(requests).toBe(0);
    } finally {
      secure.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('OB42 too many at the same time are turned away at once', async () => {
    answer = () => {};
    const { outbound } = toSite();
    const all = Array.from({ length: 65 }, () =>
      outbound.request({ url: siteUrl(), timeoutMs: 300 }).catch((error) => error.code),
    );
    expect(await all[64]).toBe('outbound_busy');
    expect(new Set(await Promise.all(all))).toEqual(new Set(['outbound_busy', 'outbound_timeout']));
  });
});

describe('what an operator allows', () => {
  test.each([
    ['127.0.0.2', 'http://127.0.0.2/', null],
    ['127.0.0.2', 'http://127.0.0.2:8080/', null],
    ['127.0.0.2:8080', 'http://127.0.0.2:8080/', null],
    ['127.0.0.2:8080', 'http://127.0.0.2:9090/', 'private_address'],
    ['127.0.0.2', 'http://127.0.0.3/', 'private_address'],
    ['10.1.0.0/16', 'http://10.1.2.3:9000/', null],
    ['10.1.0.0/16', 'http://10.2.0.1/', 'private_address'],
    ['10.1.0.0/16', 'http://[::ffff:10.1.2.3]/', 'private_address'],
    ['fd00:1::/64', 'http://[fd00:1::5]:9000/', null],
    ['[::1]:9000', 'http://[::1]:9000/', null],
    ['::1', 'http://[::1]/', null],
    ['sink.test', 'http://sink.test:25/', null],
    ['Sink.test:80', 'http://SINK.test./', null],
    ['sink.test', 'http://a.sink.test/', 'private_address'],
    ['sink.test', 'file://sink.test/', 'bad_url'],
    ['localhost:80', 'http://localhost:81/', 'private_address'],
  ])('OB50 %s, and somebody asks for %s', (entry, url, reason) => {
    expect(createOutbound({ allow: [entry] }).check(url)?.reason ?? null).toBe(reason);
  });

  test('OB51 a name that resolves into an allowed range may have any port', async () => {
    const { outbound } = toSite();
    expect(await outbound.request({ url: siteUrl() })).toMatchObject({ status: 200 });
  });

  test('OB52 what makes no sense is named', () => {
    const good = ['a', 'a.b:80', '10.0.0.0/8', '::1', '[::1]:80', 'fd00::/8', '1.2.3.4:5'];
    const bad = [
      'http://a',
      'a:b',
      'a:70000',
      '10.0.0.0/33',
      '10.0.0/8',
      '*.a',
      '[a]:80',
      '1.2.3',
      'a b',
      '',
    ];
    expect(badAllowances([...good, ...bad])).toEqual(bad);
  });
});

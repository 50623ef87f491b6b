import { describe, expect, it } from 'vitest';
import { startPushServer } from '../../stack/push-server.ts';
import { OutsideError } from '../errors.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { pushContract } from './contract.ts';
import type { PushPost } from './port.ts';
import { postBy } from './post.ts';
import { originsMax } from './signing.ts';
import { vapidKeys, vapidSubject } from './vapid.ts';
import { openWebPush } from './web-push.ts';

const post: PushPost = async (url, { headers, body }) => {
  try {
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  } catch (cause) {
    throw new OutsideError('unreachable', 'later', 'no answer', cause);
  }
};
/** As `Accounts.secret`: the first one stays. */
const keptSecrets = () => {
  const kept = new Map<string, string>();
  return {
    secret: async (name: string, make: () => string) => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name)!;
    },
  };
};
const subject = 'https://chat.example.org';

describe('Web Push', () => {
  pushContract(async () => openWebPush({ keys: await vapidKeys(keptSecrets()), subject, post }));

  it('reaches a push service by the way for addresses that people supply, and none that is not public', async () => {
    const keys = await vapidKeys(keptSecrets());
    const server = await startPushServer();
    const { id, endpoint, keys: theirs } = server.subscribe();
    const push = { payload: '{"a":1}', ttlS: 1, urgency: 'normal' } as const;
    const open = (allow: string[]) =>
      openWebPush({ keys, subject, post: postBy(createOutbound({ allow, userAgent: 'test' })) });
    expect(await open([]).send({ endpoint, ...theirs }, push)).toBe('gone');
    const sender = open(['127.0.0.1']);
    expect(await sender.send({ endpoint, ...theirs }, push)).toBe('sent');
    expect(await server.pushes(id)).toMatchObject([{ payload: { a: 1 }, subject }]);
    server.answerNext(id, [{ status: 429, retryAfter: '3' }]);
    await expect(sender.send({ endpoint, ...theirs }, push)).rejects.toMatchObject({ retryAfterMs: 3000 });
    await server.close();
    await expect(sender.send({ endpoint, ...theirs }, push)).rejects.toMatchObject({ retry: 'later' });
  });

  it('takes an address for gone that may not be asked', async () => {
    const keys = await vapidKeys(keptSecrets());
    const sender = openWebPush({ keys, subject, post: async () => 'refused' });
    const someone = await vapidKeys(keptSecrets());
    const address = {
      endpoint: 'https://10.0.0.1/push',
      p256dh: someone.publicKey,
      auth: Buffer.alloc(16).toString('base64url'),
    };
    expect(await sender.send(address, { payload: '{}', ttlS: 1, urgency: 'normal' })).toBe('gone');
  });
});

describe('who sends is signed', () => {
  const hour = 3_600_000;
  const claimsOf = (authorization: string) =>
    JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as {
      aud: string;
      exp: number;
    };
  const signer = async () => {
    const clock = { ms: Date.now() };
    const signed: string[] = [];
    const sender = openWebPush({
      keys: await vapidKeys(keptSecrets()),
      subject,
      post: async (_, { headers }) => {
        signed.push(headers.Authorization ?? '');
        return { status: 201, retryAfter: null };
      },
      now: () => clock.ms,
    });
    const { publicKey: p256dh } = await vapidKeys(keptSecrets());
    const auth = Buffer.alloc(16).toString('base64url');
    /** To this service; answers what it was signed with. */
    const to = async (endpoint: string): Promise<string> => {
      await sender.send({ endpoint, p256dh, auth }, { payload: '{}', ttlS: 1, urgency: 'normal' });
      return signed.at(-1) ?? '';
    };
    return { clock, to };
  };

  it('once for all devices of a push service, and for no other service', async () => {
    const { to } = await signer();
    const one = await to('https://one.example.org/a');
    expect(await to('https://one.example.org/b')).toBe(one);
    expect(claimsOf(one).aud).toBe('https://one.example.org');
    expect(claimsOf(await to('https://two.example.org/a')).aud).toBe('https://two.example.org');
    expect(await to('https://one.example.org/a')).toBe(one);
  });

  it('anew long before it has run out, and when the clock was set back', async () => {
    const { clock, to } = await signer();
    const first = await to('https://one.example.org/a');
    clock.ms += hour - 1;
    expect(await to('https://one.example.org/a')).toBe(first);
    clock.ms += 1;
    const renewed = await to('https://one.example.org/a');
    expect(claimsOf(renewed).exp - claimsOf(first).exp).toBe(3_600);
    expect(claimsOf(renewed).exp * 1_000 - clock.ms).toBeGreaterThan(11 * hour);
    clock.ms -= 2 * hour;
    const back = claimsOf(await to('https://one.example.org/a'));
    expect(back.exp * 1_000 - clock.ms).toBeLessThanOrEqual(12 * hour);
  });

  it('for so many services at most; the oldest is signed for again', async () => {
    const { to } = await signer();
    const first = await to('https://one.example.org/a');
    for (let i = 0; i < originsMax; i++) await to(`https://${i}.example.org/a`);
    expect(await to('https://one.example.org/a')).not.toBe(first);
  });
});

describe('the key pair of an installation', () => {
  it('is made once and kept', async () => {
    const accounts = keptSecrets();
    const keys = await vapidKeys(accounts);
    expect(await vapidKeys(accounts)).toEqual(keys);
    expect(Buffer.from(keys.publicKey, 'base64url')).toHaveLength(65);
    expect(Buffer.from(keys.privateKey, 'base64url')).toHaveLength(32);
  });

  it('is announced with an address that push services take', () => {
    expect(vapidSubject('https://chat.example.org/x')).toBe('https://chat.example.org');
    expect(vapidSubject('http://127.0.0.1:3000')).toMatch(/^mailto:/);
    expect(vapidSubject(null)).toMatch(/^mailto:/);
  });
});

// What every way to push must do, against a push service that reads what it gets.
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PushServer, startPushServer } from '../../stack/push-server.ts';
import type { OutsideError } from '../errors.ts';
import { type Push, type PushAddress, PushLaterError, type PushSender, pushPayloadBytesMax } from './port.ts';

export const pushContract = (make: () => Promise<PushSender>): void => {
  let server: PushServer;
  let sender: PushSender;
  beforeAll(async () => {
    server = await startPushServer();
    sender = await make();
  });
  afterAll(() => server.close());

  const someone = () => {
    const { id, endpoint, keys } = server.subscribe();
    return { id, address: { endpoint, ...keys } satisfies PushAddress };
  };
  const push = (some: Partial<Push> = {}): Push => ({
    payload: JSON.stringify({ id: randomUUID() }),
    ttlS: 3600,
    urgency: 'normal',
    ...some,
  });
  const failureOf = (sending: Promise<unknown>) =>
    sending.then(
      () => expect.fail('it was sent'),
      (error: OutsideError) => error,
    );

  it('brings the payload to that browser and no other, signed with the key that browsers know', async () => {
    const [one, other] = [someone(), someone()];
    const topic = createHash('sha256').update('a conversation').digest('base64url').slice(0, 32);
    const payload = JSON.stringify({ text: 'Chào buổi sáng 🌅' });
    expect(await sender.send(one.address, push({ payload, ttlS: 60, urgency: 'high', topic }))).toBe('sent');
    expect(await server.pushes(one.id)).toMatchObject([
      {
        payload: { text: 'Chào buổi sáng 🌅' },
        ttlS: 60,
        urgency: 'high',
        topic,
        vapidKey: sender.publicKey,
      },
    ]);
    expect(await server.pushes(other.id)).toEqual([]);
  });

  it('says nothing of a topic where there is none', async () => {
    const one = someone();
    await sender.send(one.address, push());
    expect(await server.pushes(one.id)).toMatchObject([{ topic: null, urgency: 'normal' }]);
  });

  it('fits the largest payload into what every push service takes, and sends nothing larger', async () => {
    const one = someone();
    const payload = JSON.stringify('x'.repeat(pushPayloadBytesMax - 2));
    expect(await sender.send(one.address, push({ payload }))).toBe('sent');
    expect(await server.pushes(one.id)).toMatchObject([{ bytes: 4096 }]);
    await expect(sender.send(one.address, push({ payload: `${payload} ` }))).rejects.toThrow('too large');
  });

  it.each([404, 410, 403])('knows by %i that an address is gone', async (status) => {
    const one = someone();
    server.answerNext(one.id, [{ status }]);
    expect(await sender.send(one.address, push())).toBe('gone');
  });

  it('knows that an address is gone whose keys nothing can be encrypted for', async () => {
    const { address } = someone();
    expect(await sender.send({ ...address, p256dh: address.p256dh.slice(0, 40) }, push())).toBe('gone');
    const noPoint = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url');
    expect(await sender.send({ ...address, p256dh: noPoint }, push())).toBe('gone');
    expect(await sender.send({ ...address, auth: '' }, push())).toBe('gone');
  });

  it('says when it was too large for that service', async () => {
    const one = someone();
    server.answerNext(one.id, [{ status: 413 }]);
    expect(await sender.send(one.address, push())).toBe('too_large');
  });

  it.each([429, 500, 503])(
    'wants to be asked again after %i, and when the service says so',
    async (status) => {
      const one = someone();
      const inAMinute = new Date(Date.now() + 60_000).toUTCString();
      server.answerNext(one.id, [{ status, retryAfter: '7' }, { status }, { status, retryAfter: inAMinute }]);
      const failures = [];
      for (let i = 0; i < 3; i++) failures.push(await failureOf(sender.send(one.address, push())));
      expect(failures.every((failure) => failure instanceof PushLaterError)).toBe(true);
      const [first, second, third] = failures as PushLaterError[];
      expect(first).toMatchObject({ code: 'push_unavailable', retry: 'later', retryAfterMs: 7000 });
      expect(second?.retryAfterMs).toBe(null);
      expect(third?.retryAfterMs).toBeGreaterThan(50_000);
      expect(third?.retryAfterMs).toBeLessThanOrEqual(60_000);
      expect(await sender.send(one.address, push())).toBe('sent');
    },
  );

  it('wants to be asked again where there is no answer', async () => {
    const away = await startPushServer();
    const { endpoint, keys } = away.subscribe();
    await away.close();
    expect(await failureOf(sender.send({ endpoint, ...keys }, push()))).toMatchObject({ retry: 'later' });
  });

  it('does not try again what the service calls wrong', async () => {
    const one = someone();
    server.answerNext(one.id, [{ status: 400 }]);
    const failure = await failureOf(sender.send(one.address, push()));
    expect(failure).toMatchObject({ code: 'push_refused', retry: 'never' });
  });
};

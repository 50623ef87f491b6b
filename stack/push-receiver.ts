// A push service for tests, with the browsers behind it: gives out subscriptions, takes pushes as RFC 8030 has it, checks
// who signed them (RFC 8292), decrypts them (RFC 8291) and keeps what it got. Written from the papers and not with the
// sender's package, so that the two check each other.
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  randomUUID,
  verify,
} from 'node:crypto';

/** `retryAfter`: the header as it is sent. */
export type PushAnswer = { status: number; retryAfter?: string };
/** What a browser would hand to its page. */
export type PushSubscriptionJson = { endpoint: string; keys: { p256dh: string; auth: string } };
export type KeptPush = {
  subscription: string;
  at: string;
  payload: unknown;
  bytes: number;
  ttlS: number;
  urgency: string;
  topic: string | null;
  /** Of the sender's signed word. */
  subject: string;
  vapidKey: string;
};

type Browser = {
  id: string;
  curve: ECDH;
  auth: Buffer;
  /** How the next pushes are answered, first to last; then as usual. */
  answers: PushAnswer[];
  isGone: boolean;
};

const keptMax = 10_000;
const bodyBytesMax = 4096;

export class PushReceiver {
  readonly #browsers = new Map<string, Browser>();
  #kept: KeptPush[] = [];

  /** `base`: where this service is reached. */
  subscribe(base: string): PushSubscriptionJson & { id: string } {
    const curve = createECDH('prime256v1');
    const key = curve.generateKeys();
    const browser = { id: randomUUID(), curve, auth: randomBytes(16), answers: [], isGone: false };
    this.#browsers.set(browser.id, browser);
    return {
      id: browser.id,
      endpoint: `${base}/push/${browser.id}`,
      keys: { p256dh: key.toString('base64url'), auth: browser.auth.toString('base64url') },
    };
  }

  /** As when a person takes the permission back. */
  unsubscribe(id: string): void {
    const browser = this.#browsers.get(id);
    if (browser) browser.isGone = true;
  }

  answerNext(id: string, answers: PushAnswer[]): void {
    this.#browsers.get(id)?.answers.push(...answers);
  }

  pushes(id: string | null): KeptPush[] {
    return this.#kept.filter(({ subscription }) => id === null || subscription === id);
  }

  forget(): void {
    this.#kept = [];
  }

  /** `base`: what the sender must have signed for. */
  take(id: string, base: string, headers: Record<string, string | undefined>, body: Buffer): PushAnswer {
    const browser = this.#browsers.get(id);
    if (!browser) return { status: 404 };
    if (browser.isGone) return { status: 410 };
    const answer = browser.answers.shift();
    if (answer) return answer;
    if (body.length > bodyBytesMax) return { status: 413 };
    const signed = signedWord(headers.authorization, base);
    if (!signed) return { status: 401 };
    if (headers['content-encoding'] !== 'aes128gcm' || !/^\d+$/.test(headers.ttl ?? ''))
      return { status: 400 };
    const { topic = null, urgency = 'normal' } = headers;
    if (topic !== null && !/^[A-Za-z0-9_-]{1,32}$/.test(topic)) return { status: 400 };
    const payload = decrypted(browser, body);
    this.#kept.push({
      subscription: id,
      at: new Date().toISOString(),
      payload: JSON.parse(payload.toString()),
      bytes: body.length,
      ttlS: Number(headers.ttl),
      urgency,
      topic,
      ...signed,
    });
    this.#kept = this.#kept.slice(-keptMax);
    return { status: 201 };
  }
}

/** Null: not signed, by another key, for another service, or run out. */
const signedWord = (
  authorization: string | undefined,
  audience: string,
): { subject: string; vapidKey: string } | null => {
  const [, token, vapidKey] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization ?? '') ?? [];
  const [head, claims, signature] = token?.split('.') ?? [];
  if (!vapidKey || !head || !claims || !signature) return null;
  const point = Buffer.from(vapidKey, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
  const isTrue = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const nowS = Date.now() / 1000;
  if (!isTrue || aud !== audience || exp < nowS || exp > nowS + 24 * 3600) return null;
  return { subject: sub, vapidKey };
};

/** Body: salt (16), record size (4), length of the key id (1), the sender's key as the key id, one record. */
const decrypted = ({ curve, auth }: Browser, body: Buffer): Buffer => {
  const salt = body.subarray(0, 16);
  const keyEnd = 21 + body.readUInt8(20);
  const sender = body.subarray(21, keyEnd);
  const record = body.subarray(keyEnd);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender]);
  const secret = derived(curve.computeSecret(sender), auth, info, 32);
  const key = derived(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
  const nonce = derived(secret, salt, 'Content-Encoding: nonce\0', 12);
  const cipher = createDecipheriv('aes-128-gcm', key, nonce);
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  // The mark of the last record, and zeros after it.
  return padded.subarray(0, padded.lastIndexOf(2));
};

const derived = (secret: Buffer, salt: Buffer, info: Buffer | string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));

// The load driver's own client: as little work per frame as can be, so that the product is measured and not this.
import { WebSocket } from 'ws';

export type Person = { id: string; username: string; token: string };

const json = { 'content-type': 'application/json' };

export const call = async <T>(
  base: string,
  method: string,
  path: string,
  token?: string,
  body?: unknown,
): Promise<T> => {
  const response = await fetch(`${base}/api${path}`, {
    method,
    headers: { ...(body === undefined ? {} : json), ...(token ? { authorization: `Bearer ${token}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as T;
};

/** Registers so many people, a few at a time: hashing passwords is meant to be slow. */
export const register = async (base: string, count: number, atOnce = 8): Promise<Person[]> => {
  const people: Person[] = [];
  const run = crypto.randomUUID().slice(0, 8);
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const username = `bench-${run}-${n}`;
      const { user, accessToken } = await call<{ user: { id: string }; accessToken: string }>(
        base,
        'POST',
        '/users',
        undefined,
        { username, password: `password of ${username}` },
      );
      people[n] = { id: user.id, username, token: accessToken };
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return people;
};

// biome-ignore lint/suspicious/noExplicitAny: frames are taken as they come, nothing is checked on the measured path
export type AnyFrame = any;

export class Peer {
  readonly person: Person;
  readonly ws: WebSocket;
  cursor = '';
  onFrame: (frame: AnyFrame) => void = () => undefined;
  onClose: (code: number) => void = () => undefined;

  private constructor(person: Person, ws: WebSocket) {
    this.person = person;
    this.ws = ws;
  }

  /** Resolves when signed in. */
  static open(
    base: string,
    person: Person,
    cursor?: string,
    onFrame?: (frame: AnyFrame) => void,
  ): Promise<Peer> {
    const ws = new WebSocket(`${base.replace('http', 'ws')}/ws`, 'chatvui.v1', { perMessageDeflate: false });
    const peer = new Peer(person, ws);
    if (onFrame) peer.onFrame = onFrame;
    return new Promise((resolve, reject) => {
      ws.on('open', () => peer.send({ type: 'connect', token: person.token, ...(cursor ? { cursor } : {}) }));
      ws.on('error', reject);
      ws.on('close', (code) => {
        reject(new Error(`closed ${code}`));
        peer.onClose(code);
      });
      const take = (frame: AnyFrame) => {
        if (frame.type === 'connect') {
          peer.cursor = frame.cursor;
          resolve(peer);
        } else if (frame.type === 'cursor') peer.cursor = frame.cursor;
        peer.onFrame(frame);
      };
      ws.on('message', (data) => {
        const parsed = JSON.parse(data.toString());
        if (Array.isArray(parsed)) for (const frame of parsed) take(frame);
        else take(parsed);
      });
    });
  }

  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  close(): void {
    this.ws.terminate();
  }
}

export const direct = async (base: string, a: Person, b: Person): Promise<string> =>
  (
    await call<{ id: string }>(base, 'POST', '/conversations', a.token, {
      isGroup: false,
      memberIds: [b.id],
    })
  ).id;

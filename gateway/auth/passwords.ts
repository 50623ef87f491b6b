// Passwords: argon2id, a bounded number at a time, and the same work for a name that nobody has.
import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { type Refusal, refuse } from '../../schemas/refusal.ts';

/** OWASP's first choice: 19 MiB, two passes, one lane. 2 is argon2id; the library's enum does not exist at run time. */
const cost = { algorithm: 2 as Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export type PasswordOptions = {
  /** Each takes a core for some 40 ms, and 19 MiB. */
  atOnce?: number;
  /** More than this waiting, and the next is told to come back. */
  waitingMax?: number;
};

export type Passwords = {
  hash(password: string): Promise<string | Refusal>;
  /** `null` for a person without a password or a name without a person: as slow as a wrong one. */
  matches(kept: string | null, password: string): Promise<boolean | Refusal>;
};

const busy = (): Refusal =>
  refuse('overloaded', 'Too many people sign in at this moment; try again in some seconds.');

/** The same characters typed on different keyboards are the same password. */
const normal = (password: string): string => password.normalize('NFC');

export const openPasswords = async (options: PasswordOptions = {}): Promise<Passwords> => {
  const { atOnce = 2, waitingMax = 256 } = options;
  const dummy = await hash(crypto.randomUUID(), cost);
  const waiting: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T | Refusal> => {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax) return busy();
      // The one who ends hands over its place, so nobody who comes later can take it.
      await new Promise<void>((go) => waiting.push(go));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  return {
    hash: (password) => inTurn(() => hash(normal(password), cost)),
    matches: (kept, password) =>
      inTurn(async () => (await verify(kept ?? dummy, normal(password))) && kept !== null),
  };
};

// What an account does by mail: the address is confirmed, a forgotten password is replaced, a new device is told of.
// Nothing is sent here. A letter is left for whoever sends mail, so that an answer takes as long for an address that
// nobody has as for somebody's.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AccountMail, KnownDevices, Letters, NewLetter } from '../../ports/accounts/port.ts';
import type { PasswordResetBody } from '../../schemas/mail.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { AuthLimits } from './limits.ts';
import type { Passwords } from './passwords.ts';
import type { From, Sessions } from './sessions.ts';

export type Mailing = {
  /** The same whether there is such a person or not. */
  askForReset(asked: PasswordResetBody, from: Pick<From, 'address'>): Promise<Refusal | null>;
  /** Every device is signed out. */
  reset(token: string, password: string, from: Pick<From, 'address'>): Promise<Refusal | null>;
  /** Sends the mail that asks for it once more. */
  askForConfirmation(userId: string): Promise<Refusal | null>;
  confirm(token: string, from: Pick<From, 'address'>): Promise<{ userId: string } | Refusal>;
  /**
   * Somebody has signed in with this browser, which shows what it keeps, if anything. Answers what it is to keep from
   * now on. Unless it is the first one, or known, or they have just registered, the person is told.
   */
  noteDevice(userId: string, kept: string | undefined, from: From, isNewcomer?: boolean): Promise<string>;
};

export type MailingOptions = {
  accounts: AccountMail & Pick<Letters, 'postLetter'> & KnownDevices;
  sessions: Pick<Sessions, 'announce'>;
  passwords: Pick<Passwords, 'hash'>;
  limits: AuthLimits;
  onTrouble?: (error: unknown, what: string) => void;
  now?: () => number;
};

const deviceTokenShape = /^[A-Za-z0-9_-]{43}$/;
const deviceLengthMax = 400;

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export const letterOf = (
  kind: 'verify' | 'reset' | 'password_changed' | 'new_device' | 'address_changed',
  userId: string | null,
  time: number,
  content: Record<string, string> = {},
): NewLetter => ({ id: randomUUID(), userId, kind, content, madeAt: new Date(time).toISOString() });

const deadLink = (): Refusal =>
  refuse(
    'not_found',
    'This link is not good any more: it was used, is too old, or a newer address took its place.',
  );

export const openMailing = (options: MailingOptions): Mailing => {
  const { accounts, sessions, passwords, limits, onTrouble, now = Date.now } = options;
  const iso = () => new Date(now()).toISOString();

  return {
    askForReset: async (asked, { address }) => {
      const refusal = await limits.mailAsked(address);
      if (refusal) return refusal;
      await accounts.postLetter(letterOf('reset', null, now(), asked as Record<string, string>));
      return null;
    },
    reset: async (token, password, { address }) => {
      const refusal = await limits.mailTokenShown(address);
      if (refusal) return refusal;
      const passwordHash = await passwords.hash(password);
      if (isRefusal(passwordHash)) return passwordHash;
      const done = await accounts.resetPassword(hashOf(token), passwordHash, iso(), (userId) => [
        letterOf('password_changed', userId, now()),
      ]);
      if (done.kind === 'unknown') return deadLink();
      await sessions.announce(done.userId, done.sessionIds);
      return null;
    },
    askForConfirmation: async (userId) => {
      const state = (await accounts.mailStates([userId])).get(userId);
      if (!state) return refuse('conflict', 'There is no address to confirm. Enter one first.');
      if (state.verifiedAt && !state.bouncedAt)
        return refuse('conflict', 'The address is confirmed already.');
      const refusal = await limits.confirmationAsked(userId);
      if (refusal) return refusal;
      await accounts.postLetter(letterOf('verify', userId, now(), { address: state.address }));
      return null;
    },
    confirm: async (token, { address }) => {
      const refusal = await limits.mailTokenShown(address);
      if (refusal) return refusal;
      const done = await accounts.confirmAddress(hashOf(token), iso());
      return done.kind === 'confirmed' ? { userId: done.userId } : deadLink();
    },
    noteDevice: async (userId, kept, { device }, isNewcomer = false) => {
      const isShaped = kept !== undefined && deviceTokenShape.test(kept);
      const token = isShaped ? kept : randomBytes(32).toString('base64url');
      // Nobody is kept out because it could not be noted.
      try {
        const seen = await accounts.rememberDevice(userId, hashOf(token), iso());
        if (seen === 'new' && !isNewcomer) {
          const content = { device: device.slice(0, deviceLengthMax) };
          await accounts.postLetter(letterOf('new_device', userId, now(), content));
        }
      } catch (error) {
        onTrouble?.(error, 'A device that signed in could not be noted');
      }
      return token;
    },
  };
};

// Mail as a role of a process: what waits to be sent about accounts is sent.
import { randomBytes } from 'node:crypto';
import { openLetters } from '../consumers/mail/letters.ts';
import { LetterWorker } from '../consumers/mail/worker.ts';
import { reasonOf } from '../ports/errors.ts';
import type { Adapters } from './adapters.ts';
import { originIn } from './config.ts';
import type { Running } from './process.ts';
import type { Role } from './roles.ts';

/** Where links in mails lead. */
export const originOf = ({ config, listening }: Running): string =>
  config.server.publicUrl ?? listening.url ?? originIn(config);

/** Right of the @ in the ids of mails. */
export const hostOfMail = ({ config }: Running): string =>
  config.mail.from.address.split('@').at(-1) ?? 'localhost';

/** Signs the links by which no more mails come. */
export const unsubscribeSecret = ({ accounts }: Pick<Adapters, 'accounts'>): Promise<string> =>
  accounts.secret('mail-unsubscribe', () => randomBytes(32).toString('base64url'));

export const startMail = (running: Running): Role => {
  const { adapters, logger } = running;
  const { accounts, mail, notifications, rateLimit } = adapters;
  const letters = openLetters({
    accounts,
    mailer: mail,
    rate: rateLimit.shared,
    origin: () => originOf(running),
    host: hostOfMail(running),
    timeZoneOf: async (id) => (await notifications.people.preferences([id])).get(id)?.timeZone ?? 'UTC',
    onSecurityEvent: (event) => logger.info(event, 'mail'),
  });
  const worker = new LetterWorker({
    letters: accounts,
    deliver: letters.deliver,
    onTrouble: (error, what) => logger.warn({ reason: reasonOf(error) }, what),
  });
  worker.start();
  return { name: 'mail', stop: () => worker.close() };
};

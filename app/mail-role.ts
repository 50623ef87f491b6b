// Mail as a role of a process: what waits to be sent about accounts is sent.
import { openLetters } from '../consumers/mail/letters.ts';
import { LetterWorker } from '../consumers/mail/worker.ts';
import { reasonOf } from '../ports/errors.ts';
import type { Config } from './config.ts';
import type { Running } from './process.ts';
import type { Role } from './roles.ts';

/** Where links in mails lead; `listening`: the address of a gateway in this process. */
export const originOf = ({ server }: Config, listening?: string): string =>
  server.publicUrl ?? listening ?? `${server.tls ? 'https' : 'http'}://${server.host}:${server.port}`;

export const hostOfMail = ({ mail }: Config): string => mail.from.address.split('@').at(-1) ?? 'localhost';

export const startMail = (running: Running, listening: () => string | undefined): Role => {
  const { config, adapters, logger } = running;
  const { accounts, mail, notifications, rateLimit } = adapters;
  const letters = openLetters({
    accounts,
    mailer: mail,
    rate: rateLimit.shared,
    origin: () => originOf(config, listening()),
    host: hostOfMail(config),
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

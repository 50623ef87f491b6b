// Mail without a mail server: a file a mail, in a folder where a person can read it. The newest are kept.
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutsideError, reasonOf } from '../errors.ts';
import { isAddress, messageOf, noAddress } from './message.ts';
import type { Mail, Mailer, Sender } from './port.ts';

export type OutboxOptions = {
  dir: string;
  from: Sender;
  /** Told of each mail; never what is in it, nor whose it is. */
  onKept?: (file: string) => void;
  keptMax?: number;
};

const suffix = '.eml';

/** The same for the same mail, so that one sent twice is there once. */
const nameOf = (messageId: string): string =>
  `${createHash('sha256').update(messageId).digest('hex').slice(0, 32)}${suffix}`;

export const openOutboxMailer = ({ dir, from, onKept, keptMax = 1000 }: OutboxOptions): Mailer => {
  const load = async () => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const { createTransport } = await import('nodemailer');
    return createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  };
  let loading: ReturnType<typeof load> | undefined;
  let sinceSweep = Number.POSITIVE_INFINITY;

  /** A tenth too many at once, so that the folder is seldom looked through. */
  const sweep = async (): Promise<void> => {
    if (++sinceSweep < keptMax / 10) return;
    sinceSweep = 0;
    const names = (await readdir(dir)).filter((name) => name.endsWith(suffix));
    if (names.length <= keptMax) return;
    const files = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(dir, name))).mtimeMs })),
    );
    files.sort((a, b) => a.at - b.at);
    for (const { name } of files.slice(0, names.length - keptMax)) await rm(join(dir, name), { force: true });
  };

  const blocked = (error: unknown): OutsideError => {
    loading = undefined;
    const message = `The outbox ${dir} cannot be written: ${reasonOf(error)}`;
    return new OutsideError('mail_unavailable', 'later', message, error);
  };

  return {
    send: async (mail: Mail) => {
      if (!isAddress(mail.to)) return noAddress;
      try {
        loading ??= load();
        const { message } = await (await loading).sendMail(messageOf(mail, from));
        const file = join(dir, nameOf(mail.messageId));
        // Whoever reads the folder finds whole mails only.
        await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 });
        await rename(`${file}.part`, file);
        await sweep();
        onKept?.(file);
        return { kind: 'sent' };
      } catch (error) {
        throw blocked(error);
      }
    },
    ping: async () => {
      try {
        loading ??= load();
        await loading;
        await access(dir, constants.W_OK);
      } catch (error) {
        throw blocked(error);
      }
    },
    close: async () => {},
  };
};

// Mail by SMTP. Connections are kept for the next mail; the library is loaded with the first one.
import { OutsideError } from '../errors.ts';
import { isAddress, messageOf, noAddress } from './message.ts';
import type { Mail, Mailer, MailOutcome, Sender } from './port.ts';

export type SmtpOptions = {
  /** smtp(s)://user:password@host:587 */
  url: string;
  from: Sender;
  connections?: number;
  /** For a connection, a greeting, and between two answers. */
  patienceMs?: number;
};

type Failed = Error & {
  code?: string;
  command?: string;
  responseCode?: number;
  permanent?: boolean;
  response?: string;
};

const reasonLengthMax = 300;

const serverOf = (url: URL) => {
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // A password goes over no wire that others can read.
    requireTLS: !secure && user !== '' && !isHere,
    ...(user !== '' && { auth: { user, pass: decodeURIComponent(url.password) } }),
  };
};

/** What is said about the person's address, and not about us, the server or the way to it. */
const isAboutAddress = ({ code, command, permanent }: Failed): boolean =>
  (permanent === true && (command === 'RCPT TO' || command === 'DATA')) ||
  // The library itself lets no such address out.
  (code === 'EENVELOPE' && command === 'API');

const ours = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ECONFIG']);

const trouble = (error: Failed): OutsideError => {
  const said = error.response ?? error.message;
  if (error.permanent === true || (ours.has(error.code ?? '') && error.permanent !== false))
    return new OutsideError('mail_not_allowed', 'never', `The mail server refuses us: ${said}`, error);
  return new OutsideError('mail_unavailable', 'later', `The mail server is away: ${said}`, error);
};

export const openSmtpMailer = ({ url, from, connections = 2, patienceMs = 20_000 }: SmtpOptions): Mailer => {
  const load = async () => {
    const { createTransport } = await import('nodemailer');
    return createTransport({
      pool: true,
      ...serverOf(new URL(url)),
      maxConnections: connections,
      maxMessages: 100,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      dnsTimeout: patienceMs,
      socketTimeout: patienceMs,
      tls: { minVersion: 'TLSv1.2' },
    });
  };
  let loading: ReturnType<typeof load> | undefined;

  return {
    send: async (mail: Mail): Promise<MailOutcome> => {
      if (!isAddress(mail.to)) return noAddress;
      loading ??= load();
      const transport = await loading;
      try {
        await transport.sendMail(messageOf(mail, from));
        return { kind: 'sent' };
      } catch (error) {
        const failed = error as Failed;
        if (!isAboutAddress(failed)) throw trouble(failed);
        return { kind: 'refused', reason: (failed.response ?? failed.message).slice(0, reasonLengthMax) };
      }
    },
    ping: async () => {
      loading ??= load();
      try {
        await (await loading).verify();
      } catch (error) {
        throw trouble(error as Failed);
      }
    },
    close: async () => {
      (await loading)?.close();
    },
  };
};

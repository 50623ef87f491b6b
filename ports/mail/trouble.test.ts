// What a mail server may do to us, played by one in this process.
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import { mail, sender } from './contract.ts';
import type { Mailer } from './port.ts';
import { openSmtpMailer } from './smtp.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const says = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

const startServer = async (options: SMTPServerOptions): Promise<number> => {
  const server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], ...options });
  server.on('error', () => undefined);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  ends.push(() => new Promise<void>((closed) => server.close(closed)));
  return (server.server.address() as AddressInfo).port;
};
const mailerTo = (port: number, who = ''): Mailer => {
  const mailer = openSmtpMailer({ url: `smtp://${who}127.0.0.1:${port}`, from: sender, patienceMs: 500 });
  ends.push(() => mailer.close());
  return mailer;
};

it('takes a lasting no to a mail for a lasting no of its address', async () => {
  const atRecipient = await startServer({ onRcptTo: (_to, _session, done) => done(says(550, 'unknown')) });
  expect(await mailerTo(atRecipient).send(mail())).toMatchObject({ kind: 'refused' });
  const atData = await startServer({
    onData: (stream, _session, done) => stream.on('end', () => done(says(552, 'mailbox full'))).resume(),
  });
  expect(await mailerTo(atData).send(mail())).toEqual({
    kind: 'refused',
    reason: expect.stringContaining('mailbox full'),
  });
});

it('blames no address for what is between the server and us', async () => {
  const wrongSender = await startServer({
    onMailFrom: (_from, _session, done) => done(says(553, 'not you')),
  });
  await expect(mailerTo(wrongSender).send(mail())).rejects.toMatchObject({
    code: 'mail_not_allowed',
    retry: 'never',
  });
  const wrongPassword = await startServer({
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(says(535, 'wrong')),
  });
  await expect(mailerTo(wrongPassword, 'user:pass@').send(mail())).rejects.toMatchObject({
    code: 'mail_not_allowed',
    retry: 'never',
  });
});

it('asks to try again when the server is busy, away, mute or torn off, and goes on when it is back', async () => {
  let isBusy = true;
  const busy = await startServer({
    onRcptTo: (_to, _session, done) => (isBusy ? done(says(451, 'later')) : done()),
    onData: (stream, _session, done) => stream.on('end', () => done()).resume(),
  });
  const mailer = mailerTo(busy);
  const unavailable = { code: 'mail_unavailable', retry: 'later' };
  await expect(mailer.send(mail())).rejects.toMatchObject(unavailable);
  isBusy = false;
  expect(await mailer.send(mail())).toEqual({ kind: 'sent' });

  const mute = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((ready) => mute.listen(0, '127.0.0.1', () => ready()));
  ends.push(() => mute.close());
  await expect(mailerTo((mute.address() as AddressInfo).port).send(mail())).rejects.toMatchObject(
    unavailable,
  );
  const torn = createServer((socket) => socket.end('220 hello\r\n'));
  await new Promise<void>((ready) => torn.listen(0, '127.0.0.1', () => ready()));
  const { port } = torn.address() as AddressInfo;
  await expect(mailerTo(port).send(mail())).rejects.toMatchObject(unavailable);
  torn.close();
  await expect(mailerTo(port).send(mail())).rejects.toMatchObject(unavailable);
  await expect(mailerTo(port).ping()).rejects.toMatchObject(unavailable);
});

it('gives a password to nobody over a wire that others can read', async () => {
  const seen: string[] = [];
  const plain = await startServer({
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => {
      seen.push(auth.password ?? '');
      done(null, { user: 'x' });
    },
  });
  // A name of this machine that is not one of those that are never a wire.
  const mailer = openSmtpMailer({
    url: `smtp://user:secret@0.0.0.0:${plain}`,
    from: sender,
    patienceMs: 500,
  });
  ends.push(() => mailer.close());
  await expect(mailer.send(mail())).rejects.toMatchObject({ retry: 'never' });
  expect(seen).toEqual([]);
});

// Run by itself: takes mail on the first port, answers on the second: `GET /mails?to=&wait=ms`, `DELETE /mails`. There is
// nobody at `refused...@`, and `later...@` is never ready.
import { createServer, type ServerResponse } from 'node:http';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

const [smtpPort, httpPort] = process.argv.slice(2).map(Number);
const keptMax = 10_000;
const waitMaxMs = 60_000;

type Kept = { to: string[]; from: string; at: string; mail: Email };
let kept: Kept[] = [];
const waiting: (() => void)[] = [];

const mailServer = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onAuth: (_auth, _session, done) => done(null, { user: 'anyone' }),
  onRcptTo: ({ address }, _session, done) => {
    const says = (code: number, text: string) => done(Object.assign(new Error(text), { responseCode: code }));
    if (address.startsWith('refused')) return says(550, '5.1.1 There is nobody with this address');
    if (address.startsWith('later')) return says(451, '4.2.1 Try again later');
    return done();
  },
  onData: (stream, session, done) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope;
      const from = mailFrom === false ? '' : mailFrom.address;
      const keep = (mail: Email) => {
        kept.push({ to: rcptTo.map(({ address }) => address), from, at: new Date().toISOString(), mail });
        kept = kept.slice(-keptMax);
        done();
        for (const wake of waiting.splice(0)) wake();
      };
      PostalMime.parse(Buffer.concat(chunks)).then(keep, done);
    });
  },
});
// A client that goes away in the middle is not our end; a port that is taken is.
mailServer.on('error', (error) => {
  console.error(error.message);
  if (!mailServer.server.listening) process.exit(1);
});
mailServer.listen(smtpPort, '127.0.0.1');

const answer = (response: ServerResponse, body: unknown): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
};

createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/health') return answer(response, { status: 'ok' });
  if (url.pathname !== '/mails') {
    response.statusCode = 404;
    return response.end();
  }
  if (request.method === 'DELETE') {
    kept = [];
    return answer(response, []);
  }
  const to = url.searchParams.get('to');
  const found = () => kept.filter((one) => to === null || one.to.includes(to));
  const deadline = performance.now() + Math.min(Number(url.searchParams.get('wait') ?? 0), waitMaxMs);
  while (found().length === 0 && performance.now() < deadline) {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      setTimeout(resolve, Math.max(1, deadline - performance.now()));
    });
  }
  return answer(response, found());
}).listen(httpPort, '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));

// The floor of the network: a bare WebSocket server in a process of its own that sends back what comes.
import { spawn } from 'node:child_process';
import { WebSocket } from 'ws';
import { sleep } from './delivery.ts';
import { perThousand, type Row, timesOf, withCpu } from './lib/stats.ts';
import { freePort } from './lib/target.ts';

const connections = 50;
const depth = 4;
const server = `
import { WebSocketServer } from 'ws';
const server = new WebSocketServer({ port: Number(process.argv[1]), host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (ws) => ws.on('message', (data) => ws.send(data, { binary: false })));
server.on('listening', () => process.stdout.write('ready'));
`;

export const echo = async (seconds: number): Promise<Row[]> => {
  const port = await freePort();
  const child = spawn(process.execPath, ['--input-type=module', '-e', server, '--', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const times: number[] = [];
  let measuring = false;
  let running = true;
  const frame = JSON.stringify({ type: 'message', ref: crypto.randomUUID(), content: 'x'.repeat(150) });
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await new Promise((resolve) => ws.once('open', resolve));
      const sentAt: number[] = [];
      const send = () => {
        sentAt.push(performance.now());
        ws.send(frame);
      };
      ws.on('message', (data) => {
        JSON.parse(data.toString());
        const began = sentAt.shift() ?? Number.NaN;
        if (measuring) times.push(performance.now() - began);
        if (running) send();
      });
      for (let i = 0; i < depth; i++) send();
      return ws;
    }),
  );
  await sleep(1000);
  measuring = true;
  const { cpu } = await withCpu({ echo: child.pid as number }, () => sleep(seconds * 1000));
  measuring = false;
  running = false;
  await sleep(200);
  for (const ws of sockets) ws.terminate();
  child.kill('SIGTERM');
  return [
    {
      what: `bare WebSocket echo, ${connections} connections, ${depth} in flight each`,
      perSecond: times.length / seconds,
      times: timesOf(times),
      cpu: perThousand(cpu, times.length),
    },
  ];
};

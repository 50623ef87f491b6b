import { expect, test } from 'vitest';
import { Frame, Outbound, Outlet } from './outbound.ts';

const sink = () => {
  const written: Buffer[] = [];
  return { written, outlet: new Outlet({ write: (bytes) => written.push(bytes) }) };
};
const frame = (n: number) => Frame.of({ n });

test('one frame in a turn goes out as an object, several as an array in order', () => {
  const outbound = new Outbound();
  const a = sink();
  const b = sink();
  const frames = [frame(1), frame(2), frame(3)];
  outbound.send(a.outlet, frames[0] as Frame);
  for (const one of frames) outbound.send(b.outlet, one);
  outbound.flush();
  expect(a.written.map(String)).toEqual(['{"n":1}']);
  expect(b.written.map(String)).toEqual(['[{"n":1},{"n":2},{"n":3}]']);
});

test('sockets that get the same frames share the same bytes', () => {
  const outbound = new Outbound();
  const sinks = [sink(), sink(), sink()];
  const shared = [frame(1), frame(2)];
  for (const { outlet } of sinks) for (const one of shared) outbound.send(outlet, one);
  outbound.send((sinks[2] as ReturnType<typeof sink>).outlet, frame(3));
  outbound.flush();
  expect(sinks[0]?.written[0]).toBe(sinks[1]?.written[0]);
  expect(String(sinks[2]?.written[0])).toBe('[{"n":1},{"n":2},{"n":3}]');
});

test('paths that part keep apart', () => {
  const outbound = new Outbound();
  const sinks = Array.from({ length: 5 }, sink);
  const first = frame(0);
  for (const [i, { outlet }] of sinks.entries()) {
    outbound.send(outlet, first);
    outbound.send(outlet, frame(i + 1));
  }
  outbound.flush();
  expect(sinks.map(({ written }) => String(written[0]))).toEqual(
    sinks.map((_, i) => `[{"n":0},{"n":${i + 1}}]`),
  );
});

test('a turn writes by itself, and the next turn begins anew', async () => {
  const outbound = new Outbound();
  const { outlet, written } = sink();
  outbound.send(outlet, frame(1));
  await new Promise((resolve) => setImmediate(resolve));
  outbound.send(outlet, frame(2));
  await new Promise((resolve) => setImmediate(resolve));
  expect(written.map(String)).toEqual(['{"n":1}', '{"n":2}']);
});

import { expect, it } from 'vitest';
import type { PartitionReport } from '../../ports/operations/port.ts';
import { fakeDesk, reportOf } from '../operations/desk.fake.ts';
import { makeDoor } from './door.fake.ts';

const topic = 'chat.conversations';
const place = { topic, partition: 0, offset: 4 };
const stopped: PartitionReport = {
  projection: 'history',
  topic,
  partition: 0,
  next: 4,
  end: 9,
  state: 'stopped',
  reason: 'cannot apply event x',
  stoppedAt: 4,
  rate: 0,
};
const recordAt = (offset: number, value: string) => ({
  ...place,
  offset,
  key: 'k',
  value: Buffer.from(value),
  timeMs: 1_000,
});
const orders = '/api/operations/orders';

const scene = async () => {
  const fake = fakeDesk();
  const door = await makeDoor({ operations: fake.desk });
  const [admin, other] = [await door.register(), await door.register()];
  const ask = (method: string, url: string, body?: unknown, token = admin.token) =>
    door.call(method, url, { token, body });
  const order = async (kind: string, at: object = place, projection = 'history') =>
    (await ask('POST', orders, { kind, projection, ...at })).statusCode;
  return { ...fake, door, admin, other, ask, order };
};

it('shows nothing of it to anybody but instance admins', async () => {
  const { ask, other } = await scene();
  const addresses = ['', '/dead-letters', '/orders', `/events/${topic}/0/4`];
  for (const address of addresses)
    expect((await ask('GET', `/api/operations${address}`, undefined, other.token)).statusCode).toBe(404);
  const body = { kind: 'skip', projection: 'history', ...place };
  expect((await ask('POST', orders, body, other.token)).statusCode).toBe(404);
  expect((await ask('POST', orders, body, 'forged')).statusCode).toBe(401);
});

it('names what does not work, what is behind, and whose process it is', async () => {
  const { ask, reports, servers, ends, applied } = await scene();
  reports.push(reportOf([stopped]));
  servers.push({
    name: 'log',
    kind: 'Kafka',
    needed: true,
    check: () => Promise.reject(new Error('10.0.0.7')),
  });
  ends.set(topic, [9, 6_000]);
  applied.set(topic, [4, 0]);
  const answer = await ask('GET', '/api/operations');
  const seen = answer.json();
  expect(seen.problems.map(({ code }: { code: string }) => code)).toEqual([
    'server_away',
    'partition_stopped',
    'partition_unowned',
    'projection_behind',
  ]);
  expect(seen.projections[0]).toMatchObject({ name: 'history', state: 'stopped', lag: 6_005 });
  expect(seen.projections[0].partitions).toMatchObject([
    { next: 4, end: 9, lag: 5, state: 'stopped', stoppedAt: 4, owner: 'host:1' },
    { next: 0, end: 6_000, state: 'nobody', owner: null },
  ]);
  expect(answer.body).not.toContain('10.0.0.7');
});

it('looks only into dead letters and what stops a partition, and each look is logged', async () => {
  const { ask, reports, records, events, admin } = await scene();
  records.push(recordAt(3, '{"a":1}'), recordAt(4, 'không'));
  const address = (offset: number) => `/api/operations/events/${topic}/0/${offset}`;
  expect((await ask('GET', address(4))).statusCode).toBe(404);
  reports.push(reportOf([stopped]));
  const found = await ask('GET', address(4));
  expect(found.json()).toMatchObject({ ...place, key: 'k', bytes: 6, json: null, text: 'không' });
  expect(found.json().problem).toContain('not JSON');
  expect((await ask('GET', address(3))).statusCode).toBe(404);
  expect(events).toEqual([{ event: 'event_inspected', by: admin.user.id, place: `${topic}/0/4` }]);
});

it('takes an order only about what is in the way, or about a dead letter that can be read by now', async () => {
  const { order, reports, letters, records } = await scene();
  expect(await order('skip')).toBe(409);
  reports.push(reportOf([stopped]));
  expect([await order('skip'), await order('retry')]).toEqual([202, 202]);
  expect(await order('skip', { ...place, offset: 5 })).toBe(409);
  expect(await order('skip', place, 'search')).toBe(409);
  expect(await order('append')).toBe(404);
  letters.push({ ...place, eventId: null, type: null, at: '', reason: 'skipped: told to be given up' });
  records.push(recordAt(4, 'broken'));
  expect(await order('append')).toBe(409);
});

it('shows the same order once, by name, beside its dead letter', async () => {
  const { ask, order, reports, letters } = await scene();
  reports.push(reportOf([stopped]));
  for (let i = 0; i < 3; i++) await order('skip');
  letters.push({ ...place, eventId: 'x', type: null, at: '', reason: 'void: not_a_member' });
  const { items } = (await ask('GET', '/api/operations/dead-letters')).json();
  expect(items).toMatchObject([
    { ...place, kind: 'void', at: null, orders: [{ kind: 'skip', state: 'waiting' }] },
  ]);
  expect((await ask('GET', orders)).json().items).toHaveLength(1);
});

it('shows how far a projection that is made anew has come', async () => {
  const { ask, ends, begunAt } = await scene();
  const besideNow = async () => (await ask('GET', '/api/operations')).json().projections[0].beside;
  ends.set(topic, [9, 6_000]);
  expect(await besideNow()).toEqual({ begun: null, old: false });
  begunAt.set(topic, [9, 1_000]);
  expect(await besideNow()).toEqual({ begun: { applied: 1_009, end: 6_009 }, old: false });
});

import { expect, test } from 'vitest';
import { openMemoryPresence } from '../ports/presence/memory.ts';
import { encodeEvent, makeEvent } from '../schemas/codec.ts';
import type { PresenceRow } from '../schemas/rows.ts';
import { Hub } from './live/hub.ts';
import { LastHeard } from './live/last-heard.ts';
import { Signals } from './live/signals.ts';
import { GatewayPresence } from './presence.ts';

const bob = '00000000-0000-4000-8000-000000000002';
const rowOf = (status: PresenceRow['status'], second: number): PresenceRow => ({
  userId: bob,
  status,
  at: `2026-01-02T03:04:0${second}.000Z`,
});

/** A gateway whose tail is moved by hand, beside a projection that is as slow as the test wants. */
const gateway = () => {
  const view = openMemoryPresence({ leaseMs: 60_000 });
  const lastHeard = new LastHeard(2);
  const signals = new Signals({
    hub: new Hub(),
    lastHeard,
    seesReads: () => true,
    onSessionRevoked: () => {},
    onAccountChanged: async () => {},
    statusOf: () => ({}),
  });
  const presence = new GatewayPresence({
    gatewayId: 'one',
    presence: view,
    publish: async () => {},
    lastHeard: (userId) => lastHeard.of(userId),
    logger: { warn: () => {} },
  });
  let offset = 0;
  const hear = (row: PresenceRow) => {
    const { userId, at: time } = row;
    const event = makeEvent({
      type: 'presence.changed',
      id: crypto.randomUUID(),
      subject: userId,
      actor: userId,
      time,
      data: { presence: row },
    });
    const record = {
      topic: 'chat.presence',
      partition: 0,
      offset: offset++,
      key: userId,
      value: encodeEvent(event),
      timeMs: 0,
    };
    signals.onBatch({ topic: 'chat.presence', partition: 0, records: [record], endOffset: offset });
  };
  return { view, lastHeard, presence, hear };
};

test('given somebody whose coming the tail has shown and the projection not yet, when others begin to watch, then they are told', async () => {
  const { presence, hear } = gateway();
  hear(rowOf('online', 1));
  expect(await presence.statuses([bob])).toEqual([rowOf('online', 1)]);
  await presence.close();
});

test('given a going that is heard while the rows are read, when others begin to watch, then the older rows do not take it back', async () => {
  const { view, presence, hear } = gateway();
  await view.project([{ row: rowOf('online', 1), partition: 0, position: 1 }]);
  const reading = presence.statuses([bob]);
  hear(rowOf('offline', 2));
  expect(await reading).toEqual([rowOf('offline', 2)]);
  await presence.close();
});

test('given more people than are remembered, then the one heard of longest ago is asked of the projection', async () => {
  const { view, lastHeard, presence, hear } = gateway();
  hear(rowOf('online', 1));
  for (const userId of ['c', 'd']) lastHeard.note({ ...rowOf('online', 2), userId });
  expect(lastHeard.of(bob)).toBeUndefined();
  await view.project([{ row: rowOf('away', 3), partition: 0, position: 3 }]);
  expect(await presence.statuses([bob])).toEqual([rowOf('away', 3)]);
  await presence.close();
});

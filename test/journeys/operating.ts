// An operator's day: an event that nobody can read stops a partition; the operator finds it, gives it up, and the rest goes
// on; what was void is written again when the reason is gone.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  InspectedEvent,
  OperationsOverview,
  OperatorDeadLetter,
  OperatorOrder,
} from '../../schemas/operations.ts';
import { Api, type Page } from '../client/api.ts';
import { eventually } from '../client/eventually.ts';
import { groupOf, Person, password } from '../client/person.ts';
import { sentBy } from '../client/sent-by.ts';

export type OperatingScene = {
  url: string;
  /** Behind the product's back; resolves with the offset. The product is ready again afterwards. */
  appendRaw(topic: string, partition: number, key: string, value: string): Promise<number>;
  partitionOf(key: string): Promise<number>;
  /** `chatvui` with the environment of the product; what it printed. */
  chatvui(...args: string[]): Promise<string>;
};

const topic = 'chat.conversations';
const withinMs = 30_000;

export const operating = (scene: () => OperatingScene): void => {
  describe('an operator', () => {
    let operator: Person;
    let stranger: Person;
    let place: { topic: string; partition: number; offset: number };
    let groupId: string;
    const get = <T>(path: string): Promise<T> => operator.api.call('GET', `/api/operations${path}`);
    const order = (kind: string, at = place): Promise<OperatorOrder> =>
      operator.api.call('POST', '/api/operations/orders', { kind, projection: 'history', ...at });
    const settled = (id: string): Promise<OperatorOrder> =>
      eventually(
        async () => {
          const { items } = await get<Page<OperatorOrder>>('/orders');
          const found = items.find((each) => each.id === id);
          if (!found || found.state === 'waiting') throw new Error(`it waits: ${JSON.stringify(found)}`);
          return found;
        },
        'the order is settled',
        withinMs,
      );
    const overviewWhere = (holds: (seen: OperationsOverview) => boolean): Promise<OperationsOverview> =>
      eventually(
        async () => {
          const seen = await get<OperationsOverview>('');
          if (!holds(seen)) throw new Error(JSON.stringify(seen.problems));
          return seen;
        },
        'the overview shows it',
        withinMs,
      );
    const historyOf = (seen: OperationsOverview) => seen.projections.find(({ name }) => name === 'history');

    beforeAll(async () => {
      operator = await Person.register(scene().url, 'operator');
      stranger = await Person.register(scene().url, 'stranger');
      await scene().chatvui('admin', 'grant', operator.user.username);
    });

    it('was made one on the terminal, and sees that everything works; others see nothing', async () => {
      const seen = await overviewWhere(({ problems }) => problems.length === 0);
      expect(seen.servers.map(({ ok }) => ok)).not.toContain(false);
      expect(new Set(seen.projections.map(({ state }) => state))).toEqual(new Set(['running']));
      expect(seen.processes.some(({ gateway }) => gateway !== null)).toBe(true);
      for (const path of ['', '/dead-letters', '/orders', '/admins']) {
        const refused = await stranger.api.ask('GET', `/api/operations${path}`);
        expect([path, refused.status]).toEqual([path, 404]);
      }
    }, 60_000);

    it('is told which partition stopped, at which event, and looks into it', async () => {
      const group = await groupOf(operator, [stranger]);
      groupId = group.id;
      const partition = await scene().partitionOf(groupId);
      const poison = JSON.stringify({ id: `poison-${randomUUID()}`, type: 'message.sent', nonsense: true });
      place = { topic, partition, offset: await scene().appendRaw(topic, partition, groupId, poison) };
      const seen = await overviewWhere(({ problems }) =>
        problems.some(({ code, subject }) => code === 'partition_stopped' && subject === 'history'),
      );
      const stopped = historyOf(seen)?.partitions.find(({ state }) => state === 'stopped');
      expect(stopped).toMatchObject({ topic, partition, stoppedAt: place.offset });
      const event = await get<InspectedEvent>(`/events/${topic}/${partition}/${place.offset}`);
      expect(event).toMatchObject({ ...place, key: groupId, json: JSON.parse(poison) });
      expect(event.problem).toContain('envelope');
      // The one before it made the group, and is nobody's business.
      const former = await operator.api.ask(
        'GET',
        `/api/operations/events/${topic}/${partition}/${place.offset - 1}`,
      );
      expect(former.status).toBe(404);
    }, 60_000);

    it('learns from a try that it is the same still, and cannot give up what is not in the way', async () => {
      const { id, state } = await order('retry');
      expect(state).toBe('waiting');
      expect(await settled(id)).toMatchObject({ state: 'failed' });
      const wrong = await operator.api.ask('POST', '/api/operations/orders', {
        body: { kind: 'skip', projection: 'history', ...place, offset: place.offset + 1 },
      });
      expect(wrong.status).toBe(409);
    }, 60_000);

    it('gives it up once, however often that is ordered; every projection goes on, and it is a dead letter', async () => {
      const orders = await Promise.all([order('skip'), order('skip'), order('skip')]);
      expect(new Set(orders.map(({ id }) => id)).size).toBe(1);
      expect(await settled((orders[0] as OperatorOrder).id)).toMatchObject({
        state: 'done',
        by: operator.user.username,
      });
      await overviewWhere(({ problems }) => problems.length === 0);
      const { items } = await get<Page<OperatorDeadLetter>>('/dead-letters?only=skipped');
      const letter = items.find(
        ({ offset, partition }) => offset === place.offset && partition === place.partition,
      );
      expect(letter).toMatchObject({ ...place, kind: 'skipped', type: 'message.sent' });
      expect(letter?.orders.map(({ kind }) => kind)).toContain('skip');
      const poisonAgain = await operator.api.ask('POST', '/api/operations/orders', {
        body: { kind: 'append', projection: 'history', ...place },
      });
      expect(poisonAgain.status).toBe(409);
    }, 90_000);

    it('writes a void event again, by the API or the terminal: at its new place it counts', async () => {
      // Given: a message of somebody who is no member (any more), which therefore is void.
      const content = `từ người lạ ${randomUUID()}`;
      await operator.api.removeMember(groupId, stranger.id);
      const voided = sentBy(stranger.id, groupId, content);
      const offset = await scene().appendRaw(topic, place.partition, groupId, JSON.stringify(voided));
      const at = { topic, partition: place.partition, offset };
      await eventually(
        async () => {
          const { items } = await get<Page<OperatorDeadLetter>>('/dead-letters?only=void');
          expect(items).toContainEqual(expect.objectContaining({ ...at, kind: 'void', eventId: voided.id }));
          return true;
        },
        'the dead letter is listed',
        withinMs,
      );
      // When the person is a member again and the operator has it written again
      await operator.api.addMember(groupId, stranger.id);
      const printed = await scene().chatvui('dead-letters', 'retry', `${topic}/${place.partition}/${offset}`);
      expect(printed).toContain('In the log again at');
      // Then everybody reads it, once.
      await eventually(
        async () => {
          const { items } = await operator.api.history(groupId, {});
          expect(items.filter((each) => each.content === content)).toHaveLength(1);
          return true;
        },
        'the message is read',
        withinMs,
      );
      const shown = await scene().chatvui('dead-letters', 'list');
      expect(shown).toContain(`${topic}/${place.partition}/${offset}`);
      expect(
        await scene().chatvui('dead-letters', 'show', `${topic}/${place.partition}/${offset}`),
      ).toContain(content);
    }, 90_000);

    it('hands a link to who has lost their password: it sets a new one, once, and ends every session', async () => {
      const bob = await Person.register(scene().url, 'bob');
      const printed = await scene().chatvui('admin', 'password-link', bob.user.username);
      const token = /#\/reset-password\/(\S+)/.exec(printed)?.[1] ?? '';
      const next = 'quite another password';
      const reset = () => bob.api.ask('PUT', `/api/password-resets/${token}`, { body: { password: next } });
      expect((await reset()).status).toBe(204);
      expect((await reset()).status).toBe(404);
      const { username } = bob.user;
      const signIn = (secret: string) =>
        new Api(scene().url).ask('POST', '/api/sessions', { body: { username, password: secret } });
      expect((await signIn(password)).status).toBe(401);
      expect((await signIn(next)).status).toBe(201);
      await eventually(
        async () => (await bob.api.ask('GET', '/api/users/me')).status === 401,
        'the old session has ended',
        withinMs,
      );
    }, 60_000);

    it('that was revoked sees nothing any more', async () => {
      await scene().chatvui('admin', 'grant', stranger.user.username);
      await scene().chatvui('admin', 'revoke', operator.user.username);
      await eventually(
        async () => {
          expect((await operator.api.ask('GET', '/api/operations')).status).toBe(404);
          return true;
        },
        'the revocation holds',
        10_000,
      );
    }, 60_000);
  });
};

// Random people doing random things with random interruptions; in the end everybody has the same story, and nobody has
// seen what was said while they were not there. The seed is printed: CHATVUI_SEED repeats a run.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../schemas/views.ts';
import { eventually } from '../client/eventually.ts';
import { groupOf, type Person } from '../client/person.ts';
import { seeded } from '../client/random.ts';
import { essence } from '../client/timeline.ts';
import { Wanderer } from '../client/wanderer.ts';
import type { Target } from '../harness.ts';
import { Stage } from './stage.ts';

const peopleCount = 6;
const steps = Number(process.env.CHATVUI_STEPS ?? 260);

export const randomLife = (target: () => Target) =>
  describe('random life', () => {
    const stage = new Stage(target);

    it('ends with equal timelines, without gaps, doubles, or anything from outside one`s membership', async () => {
      const seed = Number(process.env.CHATVUI_SEED ?? Math.floor(Math.random() * 1e9));
      const random = seeded(seed);
      const wanderers = await Promise.all(
        Array.from({ length: peopleCount }, async (_, i) => {
          const person = await stage.online(`w${i}`, i % 2 ? stage.there : stage.here);
          return new Wanderer(person, [stage.here, stage.there]);
        }),
      );
      const admin = wanderers[0] as Wanderer;
      const others = wanderers.slice(1).map(({ person }) => person);
      const groups = [await groupOf(admin.person, others), await groupOf(admin.person, others.slice(0, 3))];
      const ids = groups.map(({ id }) => id);
      const removed = new Set(others.slice(3).map((person) => `${groups[1]?.id} ${person.id}`));

      for (let step = 0; step < steps; step++) {
        const wanderer = random.one(wanderers);
        const id = random.one(ids);
        const dice = random.below(100);
        if (dice < 60) wanderer.say(id, `${step} ${randomUUID()}`);
        else if (dice < 70) await wanderer.changeSomething(random, id);
        else if (dice < 85) await wanderer.goOrCome(random);
        else if (dice < 93 && wanderer !== admin) {
          if (await toggleMember(admin.person, wanderer.person, id))
            removed.add(`${id} ${wanderer.person.id}`);
        } else await new Promise((done) => setTimeout(done, random.below(60)));
      }
      for (const wanderer of wanderers) await wanderer.comeBack(stage.here);
      await Promise.all(wanderers.map((wanderer) => wanderer.settled()));

      for (const id of ids) {
        // Back again, everybody sees all the stretches of their own membership, and exactly those.
        for (const { person } of wanderers) await admin.person.api.addMember(id, person.id);
        const story = await admin.person.api.wholeHistory(id);
        const told = story.map((message) => message.id);
        expect(new Set(told).size, `seed ${seed}: doubles in history`).toBe(told.length);
        for (const acked of wanderers.flatMap((each) => each.ackedIn(id)))
          expect(told, `seed ${seed}: acked and lost`).toContain(acked);
        for (const { person, timeline } of wanderers) {
          // Who was out for a while has not been told of changes meanwhile and looks them up: ids must agree, not texts.
          const shape: (message: Message) => unknown = removed.has(`${id} ${person.id}`)
            ? ({ id: messageId, position }) => ({ id: messageId, position })
            : essence;
          // The gateway that is asked may be seconds behind the one that showed it.
          let wanted: Message[] = [];
          const same = async () => {
            wanted = await person.api.wholeHistory(id);
            return JSON.stringify(timeline.of(id).map(shape)) === JSON.stringify(wanted.map(shape));
          };
          const what = `seed ${seed}: ${person.user.username} in ${id}`;
          await eventually(same, what, 10_000).catch(() =>
            expect(timeline.of(id).map(shape), what).toEqual(wanted.map(shape)),
          );
        }
      }
      for (const { timeline } of wanderers) expect(timeline.broken, `seed ${seed}`).toEqual([]);
    });
  });

/** True: removed now. */
const toggleMember = async (admin: Person, person: Person, id: string): Promise<boolean> => {
  const members = await admin.api.members(id);
  const isMember = members.some(({ userId }) => userId === person.id);
  if (isMember) await admin.api.removeMember(id, person.id);
  else await admin.api.addMember(id, person.id);
  return isMember;
};

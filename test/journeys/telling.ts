// Why people are told of a message, or not: everybody learns it about themselves, and nobody about others.
import { describe, expect, it } from 'vitest';
import { eventually } from '../client/eventually.ts';
import type { Person } from '../client/person.ts';
import type { Target } from '../harness.ts';
import { refusalOf, Stage } from './stage.ts';

export const telling = (target: () => Target): void => {
  describe('telling people', () => {
    const stage = new Stage(target);
    /** Reason by channel (`all`: it holds for all), once it was decided. */
    const decidedFor = async (person: Person, messageId: string): Promise<(string | null)[][]> => {
      let items: (string | null)[][] = [];
      await eventually(async () => {
        const explained = await person.api.explain(messageId);
        items = explained.items.map(({ channel, state, reason }) => [channel, state, reason]);
        return explained.state === 'decided';
      }, 'it was decided');
      return items;
    };

    it('is explained to each of them, and to nobody else', async () => {
      const { id, ann, bob } = await stage.pair();
      const stranger = await stage.person();
      const { id: messageId } = await ann.say(id, 'chào');
      expect(await decidedFor(ann, messageId)).toEqual([[null, 'dropped', 'own_message']]);
      expect(await decidedFor(bob, messageId)).toEqual([[null, 'dropped', 'no_channel']]);
      expect(await refusalOf(stranger.api.explain(messageId))).toBe('404 not_found');
    });

    it('is as they chose, at every gateway, and another device hears of a change', async () => {
      const ann = await stage.online();
      expect(await ann.api.preferences()).toMatchObject({ showContent: false, quietHours: null });
      const device = await ann.connect({ at: stage.there });
      const quietHours = { from: '22:00', to: '07:00', days: [0, 6], mentionsPass: true };
      const kept = await ann.api.prefer({
        timeZone: 'Asia/Ho_Chi_Minh',
        quietHours,
        kinds: { group: { push: false } },
      });
      await device.waitFor('account');
      expect(await ann.at(stage.there).preferences()).toEqual(kept);
      expect(kept).toMatchObject({ quietHours, kinds: { group: { push: false, email: false } } });
      expect(await refusalOf(ann.api.prefer({ timeZone: 'Asia/Atlantis' }))).toBe('400 invalid_input');
      expect(await ann.api.preferences()).toEqual(kept);
    });
  });
};

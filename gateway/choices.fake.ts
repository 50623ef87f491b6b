// Choices in memory for tests beside this folder. The real adapters pass ports/accounts/contract.ts.
import type { KeptChoices, PeopleChoices } from '../ports/accounts/port.ts';
import { chosen, noChoices } from '../schemas/choices.ts';
import { ChoicesKept } from './choices.ts';

export const fakeChoiceStore = (): PeopleChoices => {
  const kept = new Map<string, KeptChoices & { at: string }>();
  const of = (userId: string) => kept.get(userId) ?? { userId, rev: 0, choices: noChoices, at: '' };
  return {
    choicesOf: async (userId) => of(userId),
    choicesSince: async (time) => [...kept.values()].filter(({ at }) => at >= (time ?? '')),
    choose: async (userId, patch, now) => {
      const before = of(userId);
      const next = { userId, rev: before.rev + 1, choices: chosen(before.choices, patch), at: now };
      kept.set(userId, next);
      return next;
    },
  };
};

export const fakeChoices = (): ChoicesKept => new ChoicesKept({ store: fakeChoiceStore() });

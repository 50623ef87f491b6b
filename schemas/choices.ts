// What a person chose about how others see them: a status in words, and what others are not shown.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { nullable, Time } from './values.ts';

const closed = { additionalProperties: false } as const;

export const Privacy = Type.Object(
  {
    hideReads: Type.Boolean({
      description: 'others do not see how far the person has read, nor the person how far others have',
    }),
    hideTyping: Type.Boolean({ description: 'nobody is told that the person types' }),
    invisible: Type.Boolean({ description: 'shown as offline, and `lastOnline` stands still' }),
  },
  closed,
);
export type Privacy = Static<typeof Privacy>;

export const StatusText = Type.String({ minLength: 1, maxLength: limits.statusTextLengthMax });

/** The part of a profile's body that chooses. What is left out stays. */
export const choiceFields = {
  statusText: Type.Optional(nullable(StatusText)),
  statusUntil: Type.Optional(nullable(Time)),
  privacy: Type.Optional(Type.Partial(Privacy, { ...closed, minProperties: 1 })),
} as const;

export type Choices = { statusText: string | null; statusUntil: string | null; privacy: Privacy };
export type ChoicesPatch = {
  statusText?: string | null;
  statusUntil?: string | null;
  privacy?: Partial<Privacy>;
};

export const noChoices: Choices = {
  statusText: null,
  statusUntil: null,
  privacy: { hideReads: false, hideTyping: false, invisible: false },
};

/** A new text without a time has no end, and a text that is taken away takes its end along. */
export const chosen = (before: Choices, patch: ChoicesPatch): Choices => {
  const statusText = patch.statusText === undefined ? before.statusText : patch.statusText;
  const renewed = patch.statusText === undefined ? before.statusUntil : null;
  const statusUntil = patch.statusUntil === undefined ? renewed : patch.statusUntil;
  return {
    statusText,
    statusUntil: statusText === null ? null : statusUntil,
    privacy: { ...before.privacy, ...patch.privacy },
  };
};

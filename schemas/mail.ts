// What people send about their e-mail address and a forgotten password.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';

const closed = { additionalProperties: false } as const;

/** One of both. No bounds that would tell a guesser anything. */
export const PasswordResetBody = Type.Object(
  {
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
  },
  { ...closed, minProperties: 1, maxProperties: 1 },
);
export type PasswordResetBody = Static<typeof PasswordResetBody>;

export const NewPasswordBody = Type.Object(
  {
    password: Type.String({ minLength: limits.passwordLengthMin, maxLength: limits.passwordLengthMax }),
  },
  closed,
);

export const MailTokenParams = Type.Object(
  { token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', description: 'of the link in the mail' }) },
  closed,
);

export const EmailStatus = Type.Enum(['unconfirmed', 'confirmed', 'bounced'], {
  description:
    'unconfirmed: only the mail that asks to confirm it is sent there; bounced: mail came back, and nothing is sent until it is confirmed again',
});
export type EmailStatus = Static<typeof EmailStatus>;

/** `missed`: mails about messages that were not read; `digest`: the daily one. */
export const mailKinds = ['missed', 'digest'] as const;
export type MailKind = (typeof mailKinds)[number];

export const UnsubscribeParams = Type.Object(
  { token: Type.String({ pattern: '^[A-Za-z0-9_-]{44}$', description: 'of the link in the mail' }) },
  closed,
);
export const Unsubscribed = Type.Object(
  { kind: Type.Enum([...mailKinds], { description: 'of which no more come' }) },
  closed,
);
export type Unsubscribed = Static<typeof Unsubscribed>;

// What stands in a mail's link by which a person gets no more of its kind. Signed, so that it needs no sign-in, holds as
// long as the mail is kept, and nobody can make one for somebody else.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type MailKind, mailKinds } from '../../schemas/mail.ts';

const idBytes = 16;
const signatureBytes = 16;

const signed = (secret: string, content: Buffer): Buffer =>
  createHmac('sha256', secret).update('unsubscribe').update(content).digest().subarray(0, signatureBytes);

/** 44 characters that need no escaping in an address. */
export const unsubscribeToken = (secret: string, userId: string, kind: MailKind): string => {
  const id = Buffer.from(userId.replaceAll('-', ''), 'hex');
  const content = Buffer.concat([Buffer.of(mailKinds.indexOf(kind)), id]);
  return Buffer.concat([content, signed(secret, content)]).toString('base64url');
};

/** Null: it is none of ours. */
export const readUnsubscribeToken = (
  secret: string,
  token: string,
): { userId: string; kind: MailKind } | null => {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 1 + idBytes + signatureBytes) return null;
  const content = bytes.subarray(0, 1 + idBytes);
  if (!timingSafeEqual(signed(secret, content), bytes.subarray(1 + idBytes))) return null;
  const kind = mailKinds[content[0] as number];
  const id = content.subarray(1).toString('hex');
  const userId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return kind === undefined ? null : { userId, kind };
};

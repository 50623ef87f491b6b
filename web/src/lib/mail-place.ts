// The pages that links in mails lead to. They are there for whoever has the link, signed in or not.

export type MailPlace =
  | { kind: 'forgot-password' }
  | { kind: 'reset-password' | 'confirm-email' | 'unsubscribe'; token: string };

const withToken = /^#\/(reset-password|confirm-email|unsubscribe)\/([A-Za-z0-9_-]{43,44})$/;

/** Null: it is another page's address. */
export const mailPlaceOf = (hash: string): MailPlace | null => {
  if (hash === '#/forgot-password') return { kind: 'forgot-password' };
  const [, kind, token] = withToken.exec(hash) ?? [];
  return kind && token ? { kind: kind as 'reset-password', token } : null;
};

export const forgotPasswordHref = '#/forgot-password';

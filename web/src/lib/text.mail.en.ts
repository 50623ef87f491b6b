// Words of the pages that mails lead to, and about one's address, in English.
export const mailEn = {
  forgot: {
    title: 'A new password',
    hint: 'Enter your name or the e-mail address of your account. If there is such an account with a confirmed address, we send a link there.',
    who: 'Name or e-mail address',
    send: 'Send the link',
    sent: 'If there is such an account, a mail is on its way. The link in it works once, for one hour.',
    noMail:
      'No mail? Look among unwanted mail. Without a confirmed address nobody can send you a link: ask whoever looks after this installation.',
  },
  reset: {
    title: 'Choose a new password',
    hint: 'Every device is signed out, this one too.',
    password: 'New password',
    save: 'Set the password',
    done: 'That is your password from now on. Sign in with it.',
  },
  confirm: {
    title: 'Confirm your address',
    hint: 'Then mails about your account and about what you missed reach you.',
    yes: 'This is my address',
    done: 'The address is confirmed.',
  },
  unsubscribe: {
    title: 'No more of these mails?',
    hint: 'You can turn them on again in the settings at any time.',
    yes: 'Do not send them any more',
    done: {
      missed: 'You get no more mails about missed messages.',
      digest: 'You get no more daily summaries.',
    },
  },
  deadLink: 'This link is not good any more: it was used, is too old, or another address took its place.',
  askAgain: 'Ask for a new link',
  toChat: 'To ChatVui',
  toSignIn: 'Back to signing in',

  status: {
    unconfirmed: 'Not confirmed yet. Open the link in the mail that we sent there.',
    confirmed: 'Confirmed.',
    bounced:
      'Mail to this address came back, so nothing is sent there. Confirm it again, or enter another one.',
  },
  sendAgain: 'Send the mail again',
  sentAgain: 'A mail is on its way. Open the link in it.',
};
export type MailText = typeof mailEn;

// What mails say, in English. Every word is data for a page: nothing here is HTML.

const some = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const en = {
  hello: (name: string) => `Hello ${name},`,
  why: 'ChatVui sent you this because this is the address of your account.',
  ignore: 'If this was not you, ignore this mail: nothing else is sent here.',

  verify: {
    subject: 'Confirm your e-mail address',
    preview: 'One click, and mails about your account reach you.',
    text: 'This address was entered for an account of ChatVui. Confirm that it is yours: then you can set a new password when you have forgotten yours, and hear of messages that you missed.',
    button: 'Confirm this address',
    after: 'The link works for three days.',
  },
  reset: {
    subject: 'Set a new password',
    preview: 'The link works once, for one hour.',
    text: (name: string) => `A new password was asked for the account ${name}.`,
    button: 'Set a new password',
    after: 'The link works once, for one hour. With a new password every device is signed out.',
    ignore: 'If this was not you, do nothing: your password stays as it is.',
  },
  passwordChanged: {
    subject: 'Your password was changed',
    preview: 'Every other device was signed out.',
    text: (name: string, time: string) => `The password of your account ${name} was changed on ${time}.`,
    notYou: 'If this was not you, set a new password now: that signs every device out.',
    button: 'Set a new password',
  },
  newDevice: {
    subject: 'A new device signed in to your account',
    preview: 'If it is not yours, sign it out.',
    text: (name: string) =>
      `Somebody signed in to your account ${name} on a device that we had not seen before.`,
    device: 'Device',
    time: 'Time',
    notYou: 'If this was not you, sign the device out, and change your password.',
    button: 'Look at the devices',
  },
  addressChanged: {
    subject: 'The e-mail address of your account was changed',
    preview: 'Mails go to another address from now on.',
    text: (name: string, time: string) =>
      `The e-mail address of your account ${name} was changed on ${time}. Nothing else is sent to this one.`,
    now: 'New address',
    none: 'none',
    notYou: 'If this was not you, sign in, change your password and the address, and sign other devices out.',
    button: 'Open the settings',
  },
  test: {
    subject: 'A test mail',
    preview: 'Mail reaches you.',
    text: 'You asked for this mail to see whether mail reaches you. It does.',
    button: 'Open ChatVui',
  },
  missed: {
    subject: 'You have unread messages',
    subjectFrom: (name: string) => `New messages from ${name}`,
    subjectIn: (name: string) => `New messages in ${name}`,
    preview: 'Open ChatVui to read them.',
    direct: (count: number) => `${some(count, 'unread message', 'unread messages')} for you`,
    group: (count: number) => `${some(count, 'unread message', 'unread messages')} in a group`,
    mentions: (count: number) => `You were mentioned ${count === 1 ? 'once' : `${count} times`}.`,
    reactions: (count: number) => `${some(count, 'new reaction', 'new reactions')} to your messages`,
    more: (count: number) => `and ${some(count, 'more message', 'more messages')}`,
    file: 'sent a file',
    button: 'Read and answer',
  },
  digest: {
    subject: (count: number) => some(count, 'unread message', 'unread messages'),
    title: 'What you have not read yet',
    preview: 'Your summary of today.',
    unread: (count: number) => `${count} unread`,
    mentions: (count: number) => some(count, 'mention', 'mentions'),
    more: (count: number) => `and ${some(count, 'more conversation', 'more conversations')}`,
    button: 'Open ChatVui',
  },
  unnamedGroup: 'A group',
  somebody: 'Somebody',
  settings: 'What is sent, and when, is in the settings.',
  settingsLink: 'Change the settings',
  unsubscribe: { missed: 'No more mails about missed messages', digest: 'No more daily summaries' },
};
export type Words = typeof en;

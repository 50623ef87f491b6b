// The words about how one is told: its settings, the offer to turn pushes on, and why one was told or not.
import type {
  ExplainedNotice,
  NoticeChannel,
  NoticeKind,
  NotificationExplanation,
} from '../../../schemas/notifications.ts';
import type { PushState } from './push.ts';

type Reason = NonNullable<ExplainedNotice['reason']>;

const channels: Record<NoticeChannel, string> = { push: 'Notice', email: 'E-mail' };
const kinds: Record<NoticeKind, string> = {
  mention: 'Somebody mentions me',
  direct: 'A message to me alone',
  keyword: 'One of my words occurs',
  group: 'Any message in a group',
  reaction: 'Somebody reacts to me',
};
const turnedOn: Record<PushState, string> = {
  on: 'Notices are on for this device.',
  off: 'The browser was not given an answer; notices stay off.',
  denied:
    'This browser has been told not to show notices of this page. To change that, open the settings of this address (the sign to the left of it) and allow notifications.',
  unsupported:
    'This browser cannot show notices while ChatVui is closed, or the page is not served over HTTPS.',
  to_install:
    'On an iPhone or iPad, first put ChatVui on the home screen (Share, then “Add to Home Screen”) and open it from there.',
  no_server: 'This installation does not send notices to closed pages.',
  failed: 'The browser could not reach its push service. Try again later, or with another browser.',
};
const reasons: Record<Reason, string> = {
  imported: 'It was brought in from another system, not written now.',
  too_old: 'It was already old when its turn came.',
  deleted: 'It was deleted.',
  own_message: 'You wrote it yourself.',
  not_a_member: 'You were not in the conversation when it was written.',
  nothing: 'You want to hear nothing of this conversation.',
  muted: 'You had muted this conversation.',
  only_mentions: 'Of this conversation you want mentions only, and it does not mention you.',
  large_group: 'In a large group only mentions are told, unless you ask for every message.',
  already_read: 'You had read it before it was time.',
  no_channel: 'No device has notices turned on, and no e-mail address is confirmed.',
  kind_off: 'You turned this kind of message off for this way.',
  delivered: 'ChatVui was open on this device and had it already.',
  left: 'You had left the conversation meanwhile.',
  signed_out: 'This device had been signed out.',
  gone: 'This device does not take notices any more.',
  nothing_to_send: 'There was nothing left to say.',
  gave_up: 'It was tried several times in vain.',
  superseded: 'Another notice told of it.',
  set_time: 'It is told when you have not read it within the time you set.',
  quiet_hours: 'It waits for the end of your quiet hours.',
  digest: 'It waits for your daily e-mail.',
  rate: 'There were many at once; it waits a little.',
  retry: 'It could not be sent yet and is tried again.',
};
const states: Record<ExplainedNotice['state'], string> = {
  waiting: 'Not yet',
  sent: 'Sent',
  cleared: 'Sent, and put away once you had read it',
  dropped: 'Not sent',
  failed: 'Could not be sent',
};
const unexplained: Record<Exclude<NotificationExplanation['state'], 'decided'>, string> = {
  not_yet: 'Nothing has been decided about this message yet. Look again in a moment.',
  not_kept: 'Of this message it is not known any more, or it is from before there were notices.',
};

export const noticesEn = {
  turnedOn,
  offer: 'Tell you of new messages when ChatVui is closed?',
  offerYes: 'Turn on',
  offerNo: 'Not now',
  offerLater: 'You find it under Settings, Notices.',

  whileOpen: 'While ChatVui is open',
  whenClosed: 'When you are away',
  push: 'Notices on this device',
  pushHint: 'Also when ChatVui is closed.',
  tryIt: 'Send a test',
  trying: 'Sending…',
  tried: {
    sent: 'Sent. It should appear within seconds. If it does not, look at the notification settings of your system.',
    waiting: 'It has not been sent yet. Try again in a moment.',
    cleared: 'Sent.',
    dropped: 'It was not sent: this device does not take notices any more. Turn them off and on again.',
    failed: 'The push service did not take it. Try again later.',
  } satisfies Record<ExplainedNotice['state'], string>,
  loading: 'Loading…',
  loadFailed: 'These settings could not be loaded.',

  what: 'What to tell me, and how',
  channels,
  kinds,
  byChannel: (kind: string, channel: string) => `${kind}: ${channel}`,
  whatHint: 'What a conversation has of its own (muted, mentions only) counts more.',
  afterPush: 'Notice on my devices when I have not read it',
  afterEmail: 'E-mail when I have not read it',
  after: (seconds: number) =>
    seconds === 0
      ? 'at once'
      : seconds < 60
        ? `after ${seconds} seconds`
        : seconds < 3600
          ? `after ${seconds / 60} ${seconds === 60 ? 'minute' : 'minutes'}`
          : `after ${seconds / 3600} ${seconds === 3600 ? 'hour' : 'hours'}`,
  mentionsAtOnce: 'Mentions are told at once.',
  showContent: 'Show names and texts in notices',
  showContentHint:
    'Otherwise they say only that there is something new. Texts go through the push service of your browser, encrypted, and stand in e-mails.',
  tryMail: 'Send a test e-mail',
  mailTried: {
    sent: (address) => `Sent to ${address}. If it does not come, look among unwanted mail.`,
    waiting: () => 'It has not been sent yet. It will be as soon as the mail server takes it.',
    cleared: (address) => `Sent to ${address}.`,
    dropped: () => 'It was not sent: no mail reaches your address any more. Look at it in your profile.',
    failed: () =>
      'The mail server did not take it. Try again later, or tell whoever looks after this installation.',
  } satisfies Record<ExplainedNotice['state'], (address: string) => string>,
  noMail: {
    none: 'You have no e-mail address yet.',
    unconfirmed: 'Your address is not confirmed yet: open the link in the mail that we sent there.',
    bounced: 'Mail to your address came back, so nothing is sent there.',
  },
  toAddress: 'Your address',
  digest: 'A daily e-mail of what I have not read',
  at: 'At',

  keywords: 'Words',
  keywordsHint: 'Messages with one of these words are told like mentions. Case and accents do not matter.',
  keyword: 'Word or words',
  addKeyword: 'Add',
  removeKeyword: (word: string) => `Remove ${word}`,

  quiet: 'Quiet hours',
  quietHint: 'What falls into them comes at their end.',
  from: 'From',
  to: 'To',
  days: 'On',
  mentionsPass: 'Mentions may disturb me',
  timeZone: 'Time zone',
  timeZoneHere: (zone: string) => `Use that of this device (${zone})`,

  devices: 'Devices with notices',
  noDevices: 'None.',
  thisDevice: 'This device',
  unknownDevice: 'A device that was signed out',
  by: (host: string) => `by way of ${host}`,
  lastSent: (when: string) => `last notice ${when}`,
  neverSent: 'no notice yet',
  turnOff: 'Turn off',
  turnOffDevice: (name: string) => `Turn off notices on ${name}`,

  whyTitle: 'Was I told of this message?',
  unexplained,
  states,
  reasons,
  unknownReason: 'For a reason that this version of ChatVui does not know.',
  nobody: 'Nothing was to be told to you.',
  kindWas: (kind: string) => `Because: ${kind}`,
  allChannels: 'In no way',
  dueAt: (when: string) => `It is due ${when}.`,
  tries: (count: number) => `${count} tries.`,
  toSettings: 'Settings of notices',
};

// The ways to tell people that this installation has.
import { mailChannel } from '../consumers/mail/channel.ts';
import { pushChannel } from '../consumers/push/channel.ts';
import { sayingFrom } from '../consumers/push/saying.ts';
import type { Channel } from '../ports/notifications/port.ts';
import { hostOfMail, originOf, unsubscribeSecret } from './mail-role.ts';
import type { Running } from './process.ts';

export const channelsOf = async (running: Running): Promise<Channel[]> => {
  const { accounts, history, mail, push } = running.adapters;
  return [
    pushChannel(push, sayingFrom(history.reader)),
    mailChannel({
      accounts,
      history: history.reader,
      mailer: mail,
      origin: () => originOf(running),
      host: hostOfMail(running),
      secret: await unsubscribeSecret({ accounts }),
    }),
  ];
};

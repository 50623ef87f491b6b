// The ways to tell people that this installation has.
import { pushChannel } from '../consumers/push/channel.ts';
import { sayingFrom } from '../consumers/push/saying.ts';
import type { Channel } from '../ports/notifications/port.ts';
import type { Running } from './process.ts';

export const channelsOf = async ({ adapters }: Running): Promise<Channel[]> => [
  pushChannel(adapters.push, sayingFrom(adapters.history.reader)),
];

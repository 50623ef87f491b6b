// The ways to tell people that this installation has.
import type { Channel } from '../ports/notifications/port.ts';
import type { Running } from './process.ts';

export const channelsOf = async (_running: Running): Promise<Channel[]> => [];

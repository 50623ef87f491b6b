// What every decider is given and gives. A decider is pure and synchronous: state and command in, events or a refusal out.

import { makeEvent } from '../schemas/codec.ts';
import type { ChatEvent, EventData, EventType } from '../schemas/events.ts';
import type { Refusal } from '../schemas/refusal.ts';

export type Context = {
  actorId: string;
  /** RFC 3339 UTC with milliseconds. */
  now: string;
  /** Makes a fresh UUID. */
  newId: () => string;
};

export type Decision = ChatEvent[] | Refusal;

export const event = <T extends EventType>(
  context: Context,
  type: T,
  subject: string,
  data: EventData<T>,
  id: string = context.newId(),
): ChatEvent => makeEvent({ type, id, subject, actor: context.actorId, time: context.now, data });

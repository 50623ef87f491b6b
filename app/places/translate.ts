// An event as it reads in another log: the places that its rows name are those of the other log, all else stays. Pure.
import type { ChatEvent } from '../../schemas/events.ts';
import type { MemberRow, MessageRow } from '../../schemas/rows.ts';
import type { PlaceMap } from './place-map.ts';

/**
 * `places`: of the event's conversation, up to and with the event itself. Place 0, which stands for an event's own
 * place, stays 0. The same object comes back when nothing in it names a place.
 */
export const translate = (event: ChatEvent, places: PlaceMap): ChatEvent => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted': {
      const { message } = event.data;
      if (message.position === 0) return event;
      return { ...event, data: { message: messageAt(message, places) } } as ChatEvent;
    }
    case 'conversation.created':
    case 'member.added': {
      const { members } = event.data;
      if (!members.some(namesPlaces)) return event;
      return {
        ...event,
        data: { ...event.data, members: members.map((row) => memberAt(row, places)) },
      } as ChatEvent;
    }
    case 'member.changed':
    case 'member.removed': {
      const { member } = event.data;
      if (!namesPlaces(member)) return event;
      return { ...event, data: { member: memberAt(member, places) } } as ChatEvent;
    }
    case 'read.marked': {
      const { read } = event.data;
      // Its rev is the place itself, at least 1.
      const position = places.atOrBefore(read.position);
      const rev = Math.max(1, places.atOrBefore(read.rev));
      return { ...event, data: { read: { ...read, position, rev } } };
    }
    default:
      return event;
  }
};

/** The greatest old place that an event names: what must be known before it can be translated. */
export const greatestPlaceIn = (event: ChatEvent): number => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted':
      return event.data.message.position;
    case 'conversation.created':
    case 'member.added':
      return Math.max(...event.data.members.map(greatestOf));
    case 'member.changed':
    case 'member.removed':
      return greatestOf(event.data.member);
    case 'read.marked':
      return Math.max(event.data.read.position, event.data.read.rev);
    default:
      return 0;
  }
};

const greatestOf = ({ joinedPosition, leftPosition, spans }: MemberRow): number =>
  Math.max(joinedPosition, leftPosition ?? 0, ...spans.flat());

const messageAt = (row: MessageRow, places: PlaceMap): MessageRow => ({
  ...row,
  position: places.atOrAfter(row.position),
});

const namesPlaces = (row: MemberRow): boolean => greatestOf(row) > 0;

const memberAt = (row: MemberRow, places: PlaceMap): MemberRow => {
  const at = (place: number): number => (place === 0 ? 0 : places.atOrAfter(place));
  return {
    ...row,
    joinedPosition: at(row.joinedPosition),
    leftPosition: row.leftPosition === null ? null : at(row.leftPosition),
    spans: row.spans.map(([from, to]): [number, number] => [at(from), at(to)]),
  };
};

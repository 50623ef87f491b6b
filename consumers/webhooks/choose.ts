// Which hook is told of which event: what it asked for, where its bot was a member at that place.
import { v5 } from 'uuid';
import type { HistoryReader, Standing } from '../../ports/history/port.ts';
import type { Hook, NewDelivery } from '../../ports/webhooks/port.ts';
import { visibleTo } from '../../producers/state.ts';
import type { Placed } from '../projection.ts';
import { bodyOf, type Told, toldOf } from './apply.ts';

export type ToldAt = { told: Told; position: number; eventId: string; isOld: boolean };

/** What the log took so long after it happened was brought in from elsewhere. */
const oldAfterMs = 3_600_000;

/** Those of these events that any webhook could be told of. */
export const toldAmong = (events: Placed[]): ToldAt[] =>
  events.flatMap(({ event, position, loggedMs }) => {
    const told = toldOf(event, position);
    const isOld = loggedMs - Date.parse(event.time) > oldAfterMs;
    return told ? [{ told, position, eventId: event.id, isOld }] : [];
  });

const asks = (hook: Hook, { told }: ToldAt): boolean =>
  hook.types.includes(told.type) &&
  (hook.conversationId === null || hook.conversationId === told.conversationId) &&
  (hook.includeOwn || told.actorId !== hook.botId);

/** `live`: as it happens, of this log from the hook's beginning on. `replay`: whatever its bot may see now. */
export type Mode = 'live' | 'replay';

const isNews = (hook: Hook, partition: number, { told, position, isOld }: ToldAt): boolean =>
  !told.isImported && !isOld && position > (hook.horizon[partition] ?? 0);

/** Whether the bot could see this place; that it is added or removed, it is told too. */
const couldSee = (standing: Standing | undefined, hook: Hook, at: ToldAt, mode: Mode): boolean => {
  if (!standing) return false;
  if (at.told.memberIds.includes(hook.botId)) return true;
  const conversation = mode === 'live' ? ({ historyVisibility: 'joined' } as const) : standing.conversation;
  const visible = visibleTo(conversation, standing.member);
  return visible === 'all' || visible.some(([from, to]) => from <= at.position && at.position < to);
};

/** In the order of the log. History must have passed these events. */
export const deliveriesFor = async (
  history: Pick<HistoryReader, 'standings'>,
  { hooks, events, partition, mode }: { hooks: Hook[]; events: ToldAt[]; partition: number; mode: Mode },
): Promise<NewDelivery[]> => {
  const wanted = hooks.flatMap((hook) =>
    events
      .filter((at) => asks(hook, at) && (mode === 'replay' || isNews(hook, partition, at)))
      .map((at) => ({ hook, at })),
  );
  const standings = new Map<string, Standing>();
  const asked = new Map<string, { userId: string; conversationId: string }>();
  for (const { hook, at } of wanted) {
    const { conversationId } = at.told;
    asked.set(`${hook.botId}/${conversationId}`, { userId: hook.botId, conversationId });
  }
  for (const standing of await history.standings([...asked.values()]))
    standings.set(`${standing.member.userId}/${standing.conversation.id}`, standing);
  return wanted
    .filter(({ hook, at }) =>
      couldSee(standings.get(`${hook.botId}/${at.told.conversationId}`), hook, at, mode),
    )
    .map(({ hook, at }) => {
      const { told, position, eventId } = at;
      // The same for every retry and replay, and another one for each hook.
      const id = v5(eventId, hook.id);
      return {
        hookId: hook.id,
        conversationId: told.conversationId,
        partition,
        position,
        id,
        type: told.type,
        messageId: told.messageId,
        body: bodyOf(id, told, position),
      };
    });
};

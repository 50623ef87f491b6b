// Random histories: several people act in several conversations, through the real deciders, sometimes on a view of the
// past (a race), sometimes in the name of another, and the log now and then holds an event again.
import fc, { type Arbitrary } from 'fast-check';
import { apply } from '../../consumers/history/apply.ts';
import { admit } from '../../producers/admit.ts';
import {
  addMembers,
  changeConversation,
  changeMember,
  createConversation,
  removeMember,
} from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { deleteMessage, editMessage, markRead, pin, react, sendMessage } from '../../producers/message.ts';
import { addPreview, removePreview } from '../../producers/preview.ts';
import { type ConversationState, evolve, isAdmin } from '../../producers/state.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import type { PreviewRow } from '../../schemas/previews.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import type { MessageRow, PinRow, ReactionRow } from '../../schemas/rows.ts';

const kinds = [
  'create',
  'add',
  'remove',
  'promote',
  'rename',
  'send',
  'edit',
  'delete',
  'react',
  'pin',
  'preview',
  'read',
  'again',
  'forge',
] as const;
type Kind = (typeof kinds)[number];

/** Numbers that mean whatever the step makes of them. */
export type Step = { kind: Kind; who: number; whom: number; where: number; pick: number; past: number };

const weights: Record<Kind, number> = {
  create: 2,
  add: 6,
  remove: 5,
  promote: 2,
  rename: 1,
  send: 12,
  edit: 4,
  delete: 2,
  react: 6,
  pin: 4,
  preview: 4,
  read: 5,
  again: 4,
  forge: 1,
};
const small = fc.nat(7);
export const anySteps: Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.oneof(...kinds.map((kind) => ({ arbitrary: fc.constant(kind), weight: weights[kind] }))),
    who: small,
    whom: small,
    where: small,
    pick: fc.nat(1000),
    // Mostly the present.
    past: fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, { arbitrary: fc.nat(4), weight: 1 }),
  }),
  { minLength: 20, maxLength: 90, size: 'max' },
);

const people = 4;
const conversations = 2;

/** `run` keeps histories apart that are played into one store. */
export const idOf = (run: number, n: number): string =>
  `00000000-0000-4000-8000-${String(run).padStart(7, '0')}${String(n).padStart(5, '0')}`;

export const conversationIds = (run: number): string[] =>
  Array.from({ length: conversations }, (_, n) => idOf(run, 100 + n));

/** The log of one partition: the event at index i stands at offset i. */
export const logOf = (run: number, steps: Step[]): ConversationEvent[] => new Play(run).all(steps);

const emojis = ['👍', '🎉', '❤️'];

class Play {
  readonly #run: number;
  readonly #log: ConversationEvent[] = [];
  /** All states that each conversation has had. */
  readonly #states = new Map<string, (ConversationState | null)[]>();
  readonly #messages = new Map<string, MessageRow>();
  readonly #reactions = new Map<string, ReactionRow>();
  readonly #pins = new Map<string, PinRow>();
  readonly #previews = new Map<string, PreviewRow>();
  #made = 1000;

  constructor(run: number) {
    this.#run = run;
  }

  all(steps: Step[]): ConversationEvent[] {
    for (let where = 0; where < conversations; where++) {
      this.#step({ kind: 'create', who: where, whom: 7, where, pick: 0, past: 0 });
    }
    for (const step of steps) this.#step(step);
    return this.#log;
  }

  #step(step: Step): void {
    const decision = this.#decide(step);
    if (!isRefusal(decision)) for (const event of decision) this.#append(event as ConversationEvent);
  }

  #decide({ kind, who, whom, where, pick, past }: Step): Decision {
    const id = idOf(this.#run, 100 + (where % conversations));
    const states = this.#states.get(id) ?? [null];
    const state = states[Math.max(0, states.length - 1 - past)] ?? null;
    const userId = idOf(this.#run, whom % people);
    const messages = [...this.#messages.values()].filter(({ conversationId }) => conversationId === id);
    const message = messages[pick % (messages.length || 1)];
    // Mostly somebody who may do it: a history of refusals proves nothing.
    const able = who < 3 ? undefined : kind === 'edit' ? message?.senderId : adminOf(state, kind);
    const context = this.#context(able ?? idOf(this.#run, who % people));
    switch (kind) {
      case 'create': {
        const memberIds = [0, 1, 2].filter((bit) => whom & (1 << bit)).map((n) => idOf(this.#run, n));
        return createConversation({ isGroup: true, name: `group ${pick}`, memberIds, id }, context);
      }
      case 'add':
        return addMembers(state, { userIds: [userId], isAdmin: pick % 3 === 0 }, context);
      case 'remove':
        return removeMember(state, { userId }, context);
      case 'promote':
        return changeMember(state, { userId, isAdmin: pick % 2 === 0 }, context);
      case 'rename':
        return changeConversation(state, { name: `name ${pick}` }, context);
      case 'send': {
        // Few refs: some messages are sent twice, perhaps with another text, perhaps into another conversation's log.
        const ref = idOf(this.#run, 500 + (where % conversations) * 40 + (pick % 40));
        const mentions = pick % 5 === 0 ? [userId] : [];
        const replyTo = message?.id ?? null;
        return sendMessage(
          state,
          { ref, content: `text ${pick}`, replyTo, attachments: [], mentions },
          context,
        );
      }
      case 'edit':
        return message ? editMessage(state, message, { content: `edit ${pick}`, mentions: [] }, context) : [];
      case 'delete':
        return message ? deleteMessage(state, message, context) : [];
      case 'react': {
        if (!message) return [];
        const emoji = emojis[whom % emojis.length] as string;
        const former = this.#reactions.get(`${message.id}/${context.actorId}/${emoji}`) ?? null;
        return react(state, message, { emoji, active: !former?.active, former }, context);
      }
      case 'pin': {
        if (!message) return [];
        const former = this.#pins.get(message.id) ?? null;
        return pin(state, message, { active: !former?.active, former, pinned: 0 }, context);
      }
      case 'preview': {
        if (!message) return [];
        const url = `https://example.org/${whom % 2}`;
        const known = this.#previews.get(`${message.id} ${url}`);
        return known
          ? removePreview(state, message, known, context)
          : [
              addPreview(
                message,
                url,
                { siteName: '', title: `page ${pick}`, description: '', image: null },
                context.now,
              ),
            ];
      }
      case 'read':
        return message ? markRead(state, { position: message.position, former: 0 }, context) : [];
      case 'again': {
        const event = this.#log[pick % (this.#log.length || 1)];
        return event ? [event] : [];
      }
      case 'forge': {
        const event = this.#log[pick % (this.#log.length || 1)];
        return event ? [{ ...event, id: context.newId(), actor: userId }] : [];
      }
    }
  }

  /** Time stands still but for the place, so that rows tell which event made them. */
  #context(actorId: string): Context {
    const now = new Date(Date.UTC(2026, 0, 1) + this.#log.length * 1000).toISOString();
    return { actorId, now, newId: () => idOf(this.#run, this.#made++) };
  }

  #append(event: ConversationEvent): void {
    this.#log.push(event);
    const states = this.#states.get(event.subject) ?? [null];
    this.#states.set(event.subject, states);
    const state = structuredClone(states.at(-1) ?? null);
    if (admit(state, event)) return;
    const changes = apply(event, this.#log.length);
    states.push(evolve(state, changes));
    for (const change of changes) {
      if (change.table === 'messages') takeNewer(this.#messages, change.key, change.row);
      if (change.table === 'pins') takeNewer(this.#pins, change.key, change.row);
      if (change.table === 'previews')
        takeNewer(this.#previews, `${change.row.messageId} ${change.row.url}`, change.row);
      if (change.table === 'reactions') takeNewer(this.#reactions, change.key, change.row);
    }
  }
}

const adminOf = (state: ConversationState | null, kind: Kind): string | undefined =>
  ['add', 'remove', 'promote', 'rename'].includes(kind)
    ? [...(state?.members.values() ?? [])].find((member) =>
        isAdmin(state as ConversationState, member.userId),
      )?.userId
    : undefined;

const takeNewer = <Row extends { rev: number }>(rows: Map<string, Row>, key: string, row: Row): void => {
  const kept = rows.get(key);
  if (!kept || row.rev > kept.rev) rows.set(key, row);
};

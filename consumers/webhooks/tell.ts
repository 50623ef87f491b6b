// Tells whoever answers for a bot that one of its webhooks was paused: the bot writes it to them, so that it reaches them
// as any message does.
import type { EventLog } from '../../ports/event-log/port.ts';
import type { HistoryReader } from '../../ports/history/port.ts';
import type { Hook, PauseReason } from '../../ports/webhooks/port.ts';
import { createConversation } from '../../producers/conversation.ts';
import type { Context, Decision } from '../../producers/decider.ts';
import { sendMessage } from '../../producers/message.ts';
import { evolve, stateOf } from '../../producers/state.ts';
import { encodeEvent } from '../../schemas/codec.ts';
import type { ChatEvent, ConversationEvent } from '../../schemas/events.ts';
import { directConversationId } from '../../schemas/ids.ts';
import { isRefusal } from '../../schemas/refusal.ts';
import { apply } from '../history/apply.ts';

export type TellOptions = {
  log: Pick<EventLog, 'append'>;
  history: Pick<HistoryReader, 'conversation'>;
  partitionOf(conversationId: string): number;
  /** Null: nobody answers for it any more. */
  ownerOf(botId: string): Promise<string | null>;
  now?: () => number;
};

/** Nobody knows here which language they read. */
const words: Record<Exclude<PauseReason, 'by_hand'>, [en: string, vi: string]> = {
  gone: ['its receiver answered 410: it is not wanted any more', 'nơi nhận trả lời 410: không muốn nhận nữa'],
  failing: ['it has failed for three days', 'đã gửi hỏng suốt ba ngày'],
  refused: [
    'its address leads into a private network or cannot be asked',
    'địa chỉ dẫn vào mạng nội bộ hoặc không thể gửi tới',
  ],
};

const textOf = (hook: Hook, reason: Exclude<PauseReason, 'by_hand'>): string => {
  const name = hook.name.replace(/[`\n]/g, ' ');
  const [en, vi] = words[reason];
  return [
    `The webhook \`${name}\` was paused: ${en}. Nothing is lost: let it go on under Settings, Bots and webhooks.`,
    `Webhook \`${name}\` đã tạm dừng: ${vi}. Không mất gì cả: cho chạy tiếp trong Cài đặt, Bot và webhook.`,
  ].join('\n\n');
};

const topic = 'chat.conversations';
const accepted = (decision: Decision): ChatEvent[] => {
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
};

export const openTeller =
  ({ log, history, partitionOf, ownerOf, now = Date.now }: TellOptions) =>
  async (hook: Hook, reason: PauseReason): Promise<void> => {
    const ownerId = await ownerOf(hook.botId);
    if (ownerId === null || reason === 'by_hand') return;
    const id = directConversationId(hook.botId, ownerId);
    const { stored } = await history.conversation(id);
    const context: Context = {
      actorId: hook.botId,
      now: new Date(now()).toISOString(),
      newId: () => crypto.randomUUID(),
    };
    const command = { isGroup: false, name: null, memberIds: [ownerId], id };
    const begun = stored ? [] : accepted(createConversation(command, context));
    let state = stored ? stateOf(stored.conversation, stored.members) : null;
    // The place does not matter to whoever may write.
    for (const event of begun) state = evolve(state, apply(event as ConversationEvent, 1));
    const message = {
      ref: crypto.randomUUID(),
      content: textOf(hook, reason),
      replyTo: null,
      attachments: [],
      mentions: [],
    };
    const events = [...begun, ...accepted(sendMessage(state, message, context))];
    const partition = partitionOf(id);
    await log.append(
      topic,
      events.map((event) => ({ partition, key: id, value: encodeEvent(event) })),
    );
  };

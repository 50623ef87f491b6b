// A message as an event, for those who write into the log behind the product's back.
import { randomUUID } from 'node:crypto';
import { makeEvent } from '../../schemas/codec.ts';

export const sentBy = (senderId: string, conversationId: string, content: string) => {
  const id = randomUUID();
  const time = new Date().toISOString();
  return makeEvent({
    type: 'message.sent',
    id,
    subject: conversationId,
    actor: senderId,
    time,
    data: {
      message: {
        id,
        conversationId,
        senderId,
        position: 0,
        content,
        attachments: [],
        replyTo: null,
        mentions: [],
        createdAt: time,
        editedAt: null,
        deletedAt: null,
        rev: 1,
      },
    },
  });
};

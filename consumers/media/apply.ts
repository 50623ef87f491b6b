// From an admitted event to what shows which files from then on. Pure.
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import { mediaIdIn } from '../../schemas/media.ts';

/** The shape of ports/media MediaUse, in words of ours. */
export type Use = { source: string; rev: number; mediaIds: string[] };

/** None: it is about no file, and about nothing that ever had one. */
export const applyMedia = (event: ConversationEvent | UserEvent): Use[] => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted': {
      const { id, rev, attachments, deletedAt } = event.data.message;
      const mediaIds = [...new Set(attachments.map(({ mediaId }) => mediaId))];
      return mediaIds.length > 0 || deletedAt !== null ? [{ source: `message/${id}`, rev, mediaIds }] : [];
    }
    case 'user.registered':
    case 'user.changed':
      return [pictureOf(`user/${event.data.user.id}`, event.data.user.rev, event.data.user.profilePicUrl)];
    case 'conversation.created':
    case 'conversation.changed': {
      const { id, rev, pictureUrl } = event.data.conversation;
      return [pictureOf(`conversation/${id}`, rev, pictureUrl)];
    }
    default:
      return [];
  }
};

const pictureOf = (source: string, rev: number, url: string | null): Use => {
  const id = mediaIdIn(url);
  return { source, rev, mediaIds: id ? [id] : [] };
};

// From an admitted event to what shows which files from then on. Pure.
import type { ConversationEvent, UserEvent } from '../../schemas/events.ts';
import { mediaIdIn } from '../../schemas/media.ts';

/** The shape of ports/media MediaUse, in words of ours. */
export type Use = { source: string; rev: number; mediaIds: string[] };

/** None: it is about no file, and about nothing that ever had one. `position`: the event's place. */
export const applyMedia = (event: ConversationEvent | UserEvent, position: number): Use[] => {
  switch (event.type) {
    case 'message.sent':
    case 'message.edited':
    case 'message.deleted': {
      const { id, rev, attachments, deletedAt } = event.data.message;
      const mediaIds = [...new Set(attachments.map(({ mediaId }) => mediaId))];
      const own = { source: `message/${id}`, rev, mediaIds };
      if (deletedAt === null) return mediaIds.length > 0 ? [own] : [];
      // Of its previews too.
      return [own, { source: `previews/${id}`, rev: Number.MAX_SAFE_INTEGER, mediaIds: [] }];
    }
    case 'preview.changed': {
      // One picture for a message: that of the newest first link.
      const { messageId, image, active } = event.data.preview;
      if (!image) return [];
      return [{ source: `previews/${messageId}`, rev: position, mediaIds: active ? [image.mediaId] : [] }];
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

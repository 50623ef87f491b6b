// The few protocol values that the browser needs at run time. Their types come from the schemas, so a difference is a
// compile error, and no validator enters the bundle.
import type * as frames from '../../../schemas/frames.ts';

export type { ClientFrame, ServerFrame } from '../../../schemas/frames.ts';
export type {
  Attachment,
  Media,
  MediaLimits,
  MediaLinks,
  MediaVariant,
  Upload,
} from '../../../schemas/media.ts';
export type {
  Conversation,
  Member,
  Message,
  MessageRead,
  MessageVersions,
  PlaybackPage,
  User,
} from '../../../schemas/views.ts';

export const subprotocol: typeof frames.subprotocol = 'chatvui.v1';

export const closeCodes: typeof frames.closeCodes = {
  abuse: 4400,
  notSignedIn: 4401,
  foreignOrigin: 4403,
  tooSlow: 4408,
  replaced: 4409,
  rate: 4429,
  restarting: 1012,
  tooLarge: 1009,
};

// Who may see a file: its owner; whoever may see a message that has it, at its place, now; members of a group whose picture
// it is; everybody, when it is its owner's own picture.
import type { HistoryReader } from '../../ports/history/port.ts';
import type { MediaRecord } from '../../ports/media/port.ts';
import { isMember, maySee } from '../../producers/state.ts';
import { mediaIdIn, mediaUrlOf } from '../../schemas/media.ts';
import { conversationsTopic } from '../live/live.ts';
import type { Submit } from '../submit.ts';
import { toMessage } from '../views.ts';

/** More are not looked at: whoever may see none of so many places will hardly see the next one. */
const placesMax = 200;

type Place = Awaited<ReturnType<HistoryReader['mediaPlaces']>>[number];

export class MediaSight {
  readonly #history: Pick<HistoryReader, 'mediaPlaces' | 'users'>;
  readonly #submit: Submit;

  constructor(options: { history: Pick<HistoryReader, 'mediaPlaces' | 'users'>; submit: Submit }) {
    this.#history = options.history;
    this.#submit = options.submit;
  }

  /** OutsideError when history does not get as far as what was said here. */
  async sees(userId: string, record: Pick<MediaRecord, 'id' | 'ownerId'>): Promise<boolean> {
    if (record.ownerId === userId) return true;
    const { live } = this.#submit;
    if (await this.#shown(userId, record)) return true;
    // It may have been said a moment ago.
    await live.freshness.all(conversationsTopic, live.tailPlaces());
    await live.peopleApplied([record.ownerId]);
    return this.#shown(userId, record);
  }

  async #shown(userId: string, { id, ownerId }: Pick<MediaRecord, 'id' | 'ownerId'>): Promise<boolean> {
    for (const place of await this.#history.mediaPlaces(id, userId, placesMax))
      if (await this.#showsAt(userId, id, place)) return true;
    const [owner] = await this.#history.users([ownerId]);
    return owner !== undefined && mediaIdIn(owner.profilePicUrl) === id;
  }

  async #showsAt(userId: string, mediaId: string, place: Place): Promise<boolean> {
    const { live } = this.#submit;
    const { state, partition, last } = await this.#submit.entry(place.conversationId);
    if (!state || !isMember(state, userId)) return false;
    if (place.position === 0) return state.conversation.pictureUrl === mediaUrlOf(mediaId);
    if (!maySee(state, userId, place.position)) return false;
    // As the newest event of this conversation left it: it may have been deleted just now.
    const stored = await live.hydration.message(place.messageId, partition, last);
    if (!stored) return false;
    const { attachments, previews } = toMessage(stored, false);
    return (
      attachments.some((attachment) => attachment.mediaId === mediaId) ||
      previews.some(({ image }) => image?.mediaId === mediaId)
    );
  }
}

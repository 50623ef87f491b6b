// The pictures of a conversation, one after the other, as far as its stretch here reaches; further ones are loaded when
// somebody goes there.
import type { Attachment, Message } from '../protocol.ts';
import { kindOf } from './kinds.ts';

export type Shown = { message: Message; attachment: Attachment };

/** What is needed of a timeline. */
type Stretch = {
  readonly rows: readonly Message[];
  readonly isAtStart: boolean;
  readonly isLive: boolean;
  loadOlder: () => Promise<void>;
  loadNewer: () => Promise<void>;
};

/** So many pages at a time are looked through for the next picture. */
const pagesMax = 10;

export class Pictures {
  readonly #stretch: Stretch;
  #at = $state.raw<{ messageId: string; mediaId: string }>({ messageId: '', mediaId: '' });
  isLoading = $state(false);
  readonly all: readonly Shown[] = $derived.by(() =>
    this.#stretch.rows.flatMap((message) =>
      message.deletedAt === null
        ? message.attachments
            .filter((one) => kindOf(one) === 'picture')
            .map((attachment) => ({ message, attachment }))
        : [],
    ),
  );

  constructor(stretch: Stretch, at: { messageId: string; mediaId: string }) {
    this.#stretch = stretch;
    this.#at = at;
  }

  get #index(): number {
    const { messageId, mediaId } = this.#at;
    return this.all.findIndex(
      ({ message, attachment }) => message.id === messageId && attachment.mediaId === mediaId,
    );
  }

  /** Undefined when it was deleted meanwhile. */
  get current(): Shown | undefined {
    return this.all[this.#index];
  }

  /** Those beside it, which one may want next. */
  get neighbours(): Shown[] {
    const index = this.#index;
    return [this.all[index - 1], this.all[index + 1]].filter((one) => one !== undefined);
  }

  /** False: there is none. Problems are thrown. */
  async go(step: 1 | -1): Promise<boolean> {
    if (this.isLoading) return true;
    if (this.#index < 0) return false;
    this.isLoading = true;
    try {
      for (let page = 0; page <= pagesMax; page += 1) {
        const next = this.all[this.#index + step];
        if (next) {
          this.#at = { messageId: next.message.id, mediaId: next.attachment.mediaId };
          return true;
        }
        const isEnd = step < 0 ? this.#stretch.isAtStart : this.#stretch.isLive;
        if (isEnd) return false;
        await (step < 0 ? this.#stretch.loadOlder() : this.#stretch.loadNewer());
      }
      return false;
    } finally {
      this.isLoading = false;
    }
  }
}

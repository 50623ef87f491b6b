// Pictures of previews come in by the same way as files of people: counted, looked at in a process apart, made anew from
// their pixels, kept in the store. Nobody owns them; they go with the last preview that shows them.
import { Readable } from 'node:stream';
import type { Pictures } from '../consumers/previews/reader.ts';
import { Signer } from '../gateway/media/signer.ts';
import { type MediaLimits, Uploads } from '../gateway/media/uploads.ts';
import { isRefusal } from '../schemas/refusal.ts';
import type { MediaStores } from './adapters.ts';

/** No person has this id. */
const nobody = '00000000-0000-0000-0000-000000000000';

export const previewPictures = (media: MediaStores, limits: MediaLimits): Pictures => {
  // There are no parts here whose addresses would need a proof.
  const uploads = new Uploads({ ...media, limits, signer: new Signer(''), now: Date.now });
  return {
    keep: async (bytes) => {
      const opened = async () => ({ name: 'preview', stream: Readable.from([bytes]), isCut: () => false });
      const kept = await uploads.whole(nobody, bytes.byteLength, opened);
      if (isRefusal(kept)) return null;
      const { id: mediaId, width, height, placeholder } = kept;
      if (width !== null && height !== null) return { mediaId, width, height, placeholder };
      await uploads.cancel(nobody, mediaId);
      return null;
    },
    isKept: async (mediaId) => (await media.records.touch([mediaId], new Date().toISOString())).length > 0,
  };
};

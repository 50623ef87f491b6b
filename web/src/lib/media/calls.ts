// The routes of files, on the way that all requests take.
import type { UploadBody } from '../../../../schemas/media.ts';
import type { Media, MediaLimits, MediaLinks, Upload } from '../protocol.ts';

type Way = {
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  token: () => string | null;
  renew: () => Promise<boolean>;
};

export const mediaCalls = ({ request, token, renew }: Way) => ({
  /** For requests that are not made here; renewed when the last one `isRejected`. */
  authorization: async (isRejected: boolean): Promise<string> => {
    if (isRejected || !token()) await renew();
    return `Bearer ${token() ?? ''}`;
  },
  mediaLimits: () => request<MediaLimits>('GET', '/media/limits'),
  mediaLinks: (ids: string[]) => request<MediaLinks>('POST', '/media/links', { ids }),
  beginUpload: (body: UploadBody) => request<Upload>('POST', '/media/uploads', body),
  upload: (id: string) => request<Upload>('GET', `/media/uploads/${id}`),
  completeUpload: (id: string) => request<Media>('POST', `/media/uploads/${id}/complete`),
  /** An upload that was begun, or a file that no message has. */
  cancelUpload: (id: string) => request<void>('DELETE', `/media/uploads/${id}`),
});

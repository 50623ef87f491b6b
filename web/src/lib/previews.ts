// What of a message's previews is shown. They are text of strangers that the server has made harmless; looked at again here. Pure.
import { linkOf } from './links.ts';
import type { Message } from './protocol.ts';
import { withoutBidi } from './safe-text.ts';

export type ShownPreview = {
  id: string;
  href: string;
  /** Where the link leads, in ASCII. */
  host: string;
  /** Empty when it says no more than the host. */
  siteName: string;
  title: string;
  description: string;
  /** Of a picture that the server has made anew. */
  mediaId: string | null;
};

/** Messages that this browser has kept from before there were previews have none. */
export const shownPreviews = (message: Pick<Message, 'previews'>): ShownPreview[] =>
  ((message.previews as Message['previews'] | undefined) ?? []).flatMap((preview) => {
    const link = linkOf(preview.url, '');
    if (!link?.host || !/^https?:/.test(link.href)) return [];
    const said = (text: string) => withoutBidi(text).trim();
    const host = link.host.replace(/^www\./, '');
    const siteName = said(preview.siteName);
    return {
      id: preview.id,
      href: link.href,
      host,
      siteName: siteName.toLowerCase() === host ? '' : siteName,
      title: said(preview.title),
      description: said(preview.description),
      mediaId: preview.image?.mediaId ?? null,
    };
  });

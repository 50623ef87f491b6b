// Which of its sizes a picture is shown in. Pure.
import type { Attachment } from '../protocol.ts';

const thumbMax = 320;
const previewMax = 1_280;

const widthWithin = (width: number, height: number, max: number): number =>
  Math.round(width * Math.min(1, max / Math.max(width, height)));

/** For `srcset`: the two smaller copies that the server has made, each with its true width. */
export const sourcesOf = (
  urls: { thumb: string; preview: string },
  { width, height }: Pick<Attachment, 'width' | 'height'>,
): string | undefined => {
  if (!width || !height) return undefined;
  const [small, large] = [thumbMax, previewMax].map((max) => widthWithin(width, height, max));
  return small === large ? undefined : `${urls.thumb} ${small}w, ${urls.preview} ${large}w`;
};

// A picture made anew from its pixels: upright, without metadata, with a small one, a middle one and a blur.
import sharp, { type Metadata, type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import type { ImagePaths, Inspected } from './port.ts';

/** All frames of a moving one together. */
const pixelsMax = 64_000_000;
const thumbPixels = 320;
const previewPixels = 1280;
const blurPixels = 64;
const quality = { original: 90, preview: 82, thumb: 78 };

// One picture uses one thread, and leaves nothing behind.
sharp.concurrency(1);
sharp.cache(false);

const opened = (path: string, animated: boolean): Sharp =>
  sharp(path, { animated, limitInputPixels: pixelsMax, failOn: 'error', sequentialRead: false }).autoOrient();

/** What is written in its own format again; the rest becomes WebP. */
const formats: Record<string, { contentType: string; extension: string; write: (image: Sharp) => Sharp }> = {
  jpeg: {
    contentType: 'image/jpeg',
    extension: '.jpg',
    write: (image) => image.jpeg({ quality: quality.original }),
  },
  png: { contentType: 'image/png', extension: '.png', write: (image) => image.png({ compressionLevel: 6 }) },
  gif: {
    contentType: 'image/gif',
    extension: '.gif',
    write: (image) => image.gif({ effort: 1, reuse: true }),
  },
};
const webp = {
  contentType: 'image/webp',
  extension: '.webp',
  write: (image: Sharp) => image.webp({ quality: quality.original, effort: 2 }),
};

/** Written to `into`. Throws what the decoder throws. */
export const pictureOf = async (path: string, into: ImagePaths): Promise<Inspected> => {
  const before = await sharp(path, { limitInputPixels: pixelsMax }).metadata();
  if (pixelsOf(before) > pixelsMax) return tooLarge;
  const isMoving = (before.pages ?? 1) > 1 && ['gif', 'webp'].includes(before.format);
  const { contentType, extension, write } = formats[before.format] ?? webp;
  const original = await write(opened(path, isMoving)).toFile(into.original);
  // Each made from the next larger one, so that the large one is read once.
  const small = (from: string, pixels: number, q: number) =>
    sharp(from, { limitInputPixels: pixelsMax })
      .resize({ width: pixels, height: pixels, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: q, effort: 2 });
  await small(into.original, previewPixels, quality.preview).toFile(into.preview);
  await small(into.preview, thumbPixels, quality.thumb).toFile(into.thumb);
  return {
    kind: 'image',
    contentType,
    extension,
    width: original.width,
    height: original.pageHeight ?? original.height,
    placeholder: await blurOf(into.thumb),
  };
};

const pixelsOf = ({ width, height, pages = 1, pageHeight }: Metadata): number =>
  width * Math.max(height, pages * (pageHeight ?? height));

export const tooLarge: Inspected = {
  kind: 'refused',
  code: 'unsupported_media',
  detail: `The picture has more than ${pixelsMax / 1_000_000} million pixels. Make it smaller.`,
};

const blurOf = async (path: string): Promise<string> => {
  const { data, info } = await sharp(path)
    .resize({ width: blurPixels, height: blurPixels, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
};

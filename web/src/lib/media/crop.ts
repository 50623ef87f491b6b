// The square part of a picture that stands for a person or a group. Where it lies is pure; cutting it out is the browser's.

/** `scale` 1 shows as much as a square can; the middle in parts of the picture's width and height. */
export type Crop = { scale: number; x: number; y: number };
export type Square = { left: number; top: number; side: number };
type Size = { width: number; height: number };

export const middle: Crop = { scale: 1, x: 0.5, y: 0.5 };
export const cropScaleMax = 5;

/** In pixels of the picture; always within it. */
export const squareOf = ({ scale, x, y }: Crop, { width, height }: Size): Square => {
  const side = Math.min(width, height) / Math.min(cropScaleMax, Math.max(1, scale));
  const place = (share: number, whole: number) =>
    Math.min(whole - side, Math.max(0, share * whole - side / 2));
  return { left: place(x, width), top: place(y, height), side };
};

/** Moved by parts of the square, and no further than to an edge. */
export const moved = (crop: Crop, by: { x: number; y: number }, size: Size): Crop => {
  const { side } = squareOf(crop, size);
  const shifted = {
    ...crop,
    x: crop.x + (by.x * side) / size.width,
    y: crop.y + (by.y * side) / size.height,
  };
  const { left, top } = squareOf(shifted, size);
  return { ...shifted, x: (left + side / 2) / size.width, y: (top + side / 2) / size.height };
};

const sideMax = 640;
const quality = 0.9;

/** A new picture with nothing of the old one but what is seen. */
export const cutOut = async (image: HTMLImageElement, crop: Crop): Promise<Blob | null> => {
  const { left, top, side } = squareOf(crop, { width: image.naturalWidth, height: image.naturalHeight });
  const pixels = Math.round(Math.min(sideMax, side));
  const canvas = document.createElement('canvas');
  canvas.width = pixels;
  canvas.height = pixels;
  canvas.getContext('2d')?.drawImage(image, left, top, side, side, 0, 0, pixels, pixels);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', quality));
};

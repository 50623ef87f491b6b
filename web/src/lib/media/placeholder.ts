// The blurred picture that stands where a picture will be: drawn from a few bytes that come with the message.
import { thumbHashToRGBA } from 'thumbhash';

/** An attachment of a canvas. What cannot be read draws nothing. */
export const placeholder = (hash: string | undefined) => (canvas: HTMLCanvasElement) => {
  if (!hash) return;
  try {
    const bytes = Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0));
    const { w, h, rgba } = thumbHashToRGBA(bytes);
    canvas.width = w;
    canvas.height = h;
    canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  } catch {
    // The picture itself is on its way.
  }
};

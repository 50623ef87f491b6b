// How large a film is and how long a film or a sound takes, out of what its container says: nothing is decoded, and the file
// is kept as it came. What cannot be read there is left out; it is no reason to refuse a file.
import { ALL_FORMATS, FilePathSource, Input } from 'mediabunny';

export type FilmFacts = { width: number | null; height: number | null; durationMs: number | null };

export const noFacts: FilmFacts = { width: null, height: null, durationMs: null };

const pixelsMax = 100_000;
const durationMsMax = 1_000 * 3_600_000;

export const isFilmOrSound = (contentType: string): boolean => /^(video|audio)\//.test(contentType);

/** Never throws for what is in the file. What lies about itself may be slow to read: somebody else has to end it. */
export const factsOf = async (path: string): Promise<FilmFacts> => {
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  try {
    return await readFacts(input);
  } catch {
    return noFacts;
  } finally {
    input.dispose();
  }
};

const readFacts = async (input: Input): Promise<FilmFacts> => {
  const film = await input.getPrimaryVideoTrack();
  const size = film ? [await film.getDisplayWidth(), await film.getDisplayHeight()] : [];
  const [width, height] = size.map((side) => within(side, 1, pixelsMax));
  const seconds = (await input.getDurationFromMetadata()) ?? (await input.computeDuration());
  const isWhole = Boolean(width && height);
  return {
    width: isWhole ? (width as number) : null,
    height: isWhole ? (height as number) : null,
    durationMs: within(seconds * 1000, 1, durationMsMax),
  };
};

const within = (value: number, from: number, to: number): number | null => {
  const whole = Math.round(value);
  return whole >= from && whole <= to ? whole : null;
};

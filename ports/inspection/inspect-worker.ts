// The process in which strangers' files are opened. It ends itself when it has taken too much memory, and its parent ends it
// when it takes too long; both are an answer about that one file.
import { factsOf, isFilmOrSound, noFacts } from './films.ts';
import { kindOf, rasterTypes } from './kinds.ts';
import { pictureOf, tooLarge } from './pictures.ts';
import type { ImagePaths, Inspected } from './port.ts';

export type InspectAsk = { path: string; name: string; into: ImagePaths; memoryBytesMax: number };
/** `isFinal`: no better answer follows. */
export type InspectAnswer = { inspected: Inspected; isFinal: boolean };

const lookEveryMs = 25;

const broken = (error: unknown): Inspected => {
  const reason = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(reason)) return tooLarge;
  if (
    /unsupported image format|no decode delegate|compression format|not built|unsupported codec/i.test(reason)
  )
    return {
      kind: 'refused',
      code: 'unsupported_media',
      detail: 'This kind of picture cannot be shown here. Send it as JPEG or PNG.',
    };
  return { kind: 'refused', code: 'broken_image', detail: 'The picture is damaged or not whole.' };
};

const answer = (inspected: Inspected, isFinal: boolean): void => {
  process.send?.({ inspected, isFinal } satisfies InspectAnswer);
};

const inspect = async ({ path, name, into, memoryBytesMax }: InspectAsk): Promise<Inspected> => {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytesMax) process.exit(3);
  }, lookEveryMs);
  try {
    const contentType = await kindOf(path, name);
    if (rasterTypes.has(contentType)) return await pictureOf(path, into).catch(broken);
    const file = { kind: 'file', contentType, ...noFacts } as const;
    if (!isFilmOrSound(contentType)) return file;
    // Enough, should reading on take too long.
    answer(file, false);
    return { ...file, ...(await factsOf(path)) };
  } finally {
    clearInterval(watch);
  }
};

process.on('message', (ask: InspectAsk) => {
  inspect(ask).then(
    (inspected) => answer(inspected, true),
    () => process.exit(4),
  );
});
// The parent has gone: so do we.
process.on('disconnect', () => process.exit(0));

// The process in which strangers' files are opened. It ends itself when it has taken too much memory, and its parent ends it
// when it takes too long; both are an answer about that one file.
import { kindOf, rasterTypes } from './kinds.ts';
import { pictureOf, tooLarge } from './pictures.ts';
import type { ImagePaths, Inspected } from './port.ts';

export type InspectAsk = { path: string; name: string; into: ImagePaths; memoryBytesMax: number };

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

const inspect = async ({ path, name, into, memoryBytesMax }: InspectAsk): Promise<Inspected> => {
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytesMax) process.exit(3);
  }, lookEveryMs);
  try {
    const contentType = await kindOf(path, name);
    if (!rasterTypes.has(contentType)) return { kind: 'file', contentType };
    return await pictureOf(path, into).catch(broken);
  } finally {
    clearInterval(watch);
  }
};

process.on('message', (ask: InspectAsk) => {
  inspect(ask).then(
    (answer) => process.send?.(answer),
    () => process.exit(4),
  );
});
// The parent has gone: so do we.
process.on('disconnect', () => process.exit(0));

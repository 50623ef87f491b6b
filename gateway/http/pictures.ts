// Pictures of people and groups: an own upload, named by its id, becomes an address.
import { refuse } from '../../schemas/refusal.ts';
import type { HttpDeps } from './deps.ts';
import { okay, RefusalError } from './problem.ts';

type Named = { pictureMediaId?: string | null };

/** `field`: where the address belongs. What names no upload stays as it is. */
export const withPicture = async <B extends Named, F extends keyof B & string>(
  { media }: Pick<HttpDeps, 'media'>,
  userId: string,
  body: B,
  field: F,
): Promise<Omit<B, 'pictureMediaId'>> => {
  const { pictureMediaId, ...rest } = body;
  if (pictureMediaId === undefined) return rest;
  if (body[field] !== undefined)
    throw new RefusalError(refuse('invalid_input', `Give \`pictureMediaId\` or \`${field}\`, not both.`));
  return { ...rest, [field]: okay(await media.pictureUrl(userId, pictureMediaId)) };
};

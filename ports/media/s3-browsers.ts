// Whether browsers may send to the store themselves: what a browser asks of it before it sends (CORS, WHATWG Fetch).
import { reasonOf } from '../errors.ts';

const withinMs = 5_000;

/** What is wrong and how to mend it; null: nothing. `origin`: where people open the product, https://chat.example.org. */
export const browserProblem = async (
  { publicUrl, bucket }: { publicUrl: string; bucket: string },
  origin: string,
): Promise<string | null> => {
  const remedy = `Let the bucket "${bucket}" answer CORS requests of ${origin} with the method PUT.`;
  try {
    const answer = await fetch(`${publicUrl.replace(/\/$/, '')}/${bucket}/media/any/original?partNumber=1`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
      signal: AbortSignal.timeout(withinMs),
    });
    const said = (name: string): string => answer.headers.get(`access-control-allow-${name}`) ?? '';
    const methods = said('methods')
      .split(',')
      .map((method) => method.trim());
    const isAllowed =
      ['*', origin].includes(said('origin')) && (methods.includes('PUT') || methods.includes('*'));
    return answer.ok && isAllowed
      ? null
      : `${publicUrl} takes no files from the pages of ${origin}. ${remedy}`;
  } catch (error) {
    return `${publicUrl} does not answer: ${reasonOf(error)}. Browsers must reach it.`;
  }
};

// What Elasticsearch and its client throw, as our typed errors.
import { errors } from '@elastic/elasticsearch';
import { OutsideError, reasonOf } from '../errors.ts';

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? (error.statusCode ?? undefined) : undefined;

/** Blocks that Elasticsearch sets itself when its disk fills up, and takes away when there is room again. */
const isFull = (reason: string): boolean =>
  /cluster_block_exception|flood.stage|read.only.allow.delete|No space left/i.test(reason);

/** Of one item of a bulk request; null: it had been written before, by this rev or a newer one. */
export const itemError = (status: number, reason: string): OutsideError | null => {
  if (status === 409) return null;
  if (isFull(reason)) return full(reason);
  if (status === 429 || status >= 500) return away(reason);
  return new OutsideError('search_refused', 'never', `Elasticsearch does not take a document: ${reason}`);
};

/** A mistake of ours (a question that it does not understand) is thrown as it is. */
export const asOutside = (error: unknown): unknown => {
  if (error instanceof OutsideError) return error;
  const reason = reasonOf(error);
  const status = statusOf(error);
  if (isFull(reason)) return full(reason, error);
  if (status === 401 || status === 403)
    return new OutsideError('search_denied', 'later', `Elasticsearch does not let us in: ${reason}`, error);
  if (
    status === undefined
      ? error instanceof errors.ElasticsearchClientError
      : status === 404 || status === 408 || status === 429 || status >= 500
  )
    return away(reason, error);
  return error;
};

const full = (reason: string, cause?: unknown): OutsideError =>
  new OutsideError('search_full', 'later', `Elasticsearch has no room left: ${reason}`, cause);
const away = (reason: string, cause?: unknown): OutsideError =>
  new OutsideError('search_unavailable', 'later', `Elasticsearch: ${reason}`, cause);

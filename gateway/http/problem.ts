// Every answer that is no success: RFC 9457 problem+json, made in one place. Details of ours stay in the log.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isOutsideError } from '../../ports/errors.ts';
import { isRefusal, type Refusal, refusals } from '../../schemas/refusal.ts';
import type { Problem } from '../../schemas/views.ts';

export const problemType = 'application/problem+json';
const retrySeconds = 2;

/** A refusal on its way out of a route. */
export class RefusalError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

/** The value, or the refusal thrown to the one error handler. */
export const okay = <T>(result: T | Refusal): T => {
  if (isRefusal(result)) throw new RefusalError(result);
  return result;
};

/** What HTTP itself can say no to, besides our own refusals. */
const httpProblems: Record<number, { code: string; title: string }> = {
  400: { code: 'invalid_input', title: refusals.invalid_input.title },
  404: { code: 'not_found', title: refusals.not_found.title },
  405: { code: 'method_not_allowed', title: 'This method is not known here' },
  408: { code: 'request_timeout', title: 'The request took too long to arrive' },
  413: { code: 'payload_too_large', title: refusals.payload_too_large.title },
  414: { code: 'address_too_long', title: 'The address is too long' },
  415: { code: 'unsupported_media_type', title: refusals.unsupported_media_type.title },
  416: { code: 'range_not_satisfiable', title: 'There are no such bytes' },
  431: { code: 'headers_too_large', title: 'The headers are too large' },
  500: { code: 'internal_error', title: refusals.internal_error.title },
  503: { code: 'unavailable', title: refusals.unavailable.title },
};

const make = (status: number, code: string, title: string, detail: string): Problem => ({
  type: `urn:chatvui:problem:${code}`,
  title,
  status,
  detail,
  code,
});

export const httpProblem = (status: number, detail: string): Problem => {
  const known = httpProblems[status] ?? { code: 'bad_request', title: 'The request is not valid' };
  return make(status, known.code, known.title, detail);
};

const refusalProblem = (refusal: Refusal): Problem => {
  const { status, title } = refusals[refusal.code];
  const problem = make(status, refusal.code, title, refusal.detail);
  return refusal.errors ? { ...problem, errors: refusal.errors.slice(0, 20) } : problem;
};

/** Where in the input: a JSON pointer into the body, or `/query/...`, `/path/...`. */
const placeOf = (context: string | undefined, pointer: string): string =>
  (context === 'querystring' ? '/query' : context === 'params' ? '/path' : '') + pointer;

const validationProblem = (error: FastifyError): Problem => {
  const errors = (error.validation ?? []).slice(0, 20).map(({ instancePath, params, message }) => {
    const inner = params.additionalProperty ?? params.missingProperty;
    const path = placeOf(error.validationContext, `${instancePath}${inner === undefined ? '' : `/${inner}`}`);
    return { path: path.slice(0, 200), message: message ?? 'is not valid' };
  });
  const first = errors[0];
  const detail = first ? `${first.path || 'The body'} ${first.message}.` : 'The input is not valid.';
  return { ...httpProblem(400, detail), errors };
};

const problemOf = (error: FastifyError, request: FastifyRequest): Problem => {
  if (error instanceof RefusalError) return refusalProblem(error.refusal);
  if (error.validation) return validationProblem(error);
  if (isOutsideError(error) && error.retry === 'later') {
    request.log.warn({ err: error, code: error.code }, 'something outside is away');
    return httpProblem(503, 'Something that this needs is not there at the moment. Try again shortly.');
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return httpProblem(413, 'The body is larger than this server takes.');
  if (status === 415) return httpProblem(415, 'Send the body as application/json.');
  if (status >= 400 && status < 500) return httpProblem(status, error.message || 'The request is not valid.');
  request.log.error({ err: error }, 'a request failed');
  const mentioned = `Mention request ${request.id} when you report this.`;
  if (status === 503) return httpProblem(503, 'Not available at the moment. Try again shortly.');
  return httpProblem(500, `Something went wrong on our side. ${mentioned}`);
};

export const sendProblem = (reply: FastifyReply, problem: Problem, retryAfterMs?: number): FastifyReply => {
  if (problem.status === 401)
    reply.header(
      'www-authenticate',
      `Bearer${problem.code === 'token_expired' ? ' error="invalid_token"' : ''}`,
    );
  if (problem.status === 429 || problem.status === 503)
    reply.header('retry-after', Math.max(1, Math.ceil((retryAfterMs ?? retrySeconds * 1000) / 1000)));
  // Serialised here: Fastify would look for a schema of this status.
  return reply
    .code(problem.status)
    .type(problemType)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
};

/** The one error handler. */
export const handleError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
  const refusal: (Refusal & { retryAfterMs?: number }) | undefined =
    error instanceof RefusalError ? error.refusal : undefined;
  sendProblem(reply, problemOf(error, request), refusal?.retryAfterMs);
};

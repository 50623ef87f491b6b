// The one parser of bodies: strict UTF-8, JSON without prototype tricks, bounded depth, no half characters.
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../schemas/refusal.ts';
import { RefusalError } from './problem.ts';

const depthMax = 32;
const loneSurrogate = /\p{Cs}/u;

/** What is wrong with parsed JSON, or null. Iterative: depth is what it guards against. */
const faultOf = (root: unknown): string | null => {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return `The JSON is nested deeper than ${depthMax} levels.`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && loneSurrogate.test(value))
        return 'The text contains half a character (a lone surrogate).';
      if (Array.isArray(value)) for (const inner of value) next.push(inner);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) next.push(key, inner);
    }
    level = next;
  }
  return null;
};

const invalid = (detail: string): RefusalError => new RefusalError(refuse('invalid_input', detail));

export const registerJsonBody = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name the type even when they send nothing; whether something is needed, the schema says.
    if (body.length === 0) return done(null, undefined);
    let text: string;
    try {
      text = decoder.decode(body as Buffer);
    } catch {
      return done(invalid('The body is not UTF-8.'));
    }
    return parse(request, text, (error, value) => {
      if (error) return done(invalid('The body is not valid JSON.'));
      const fault = faultOf(value);
      return fault ? done(invalid(fault)) : done(null, value);
    });
  });
};

// The one parser of bodies: strict UTF-8, JSON without prototype tricks, bounded depth, no half characters.
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../schemas/refusal.ts';
import { faultOf } from '../json.ts';
import { RefusalError } from './problem.ts';

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

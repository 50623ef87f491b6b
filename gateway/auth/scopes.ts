// What a bot's token is good for: one table for HTTP and sockets, and one place that looks into it. What is not named
// here no bot may do, so a new route is closed to bots until somebody opens it.
import type { BotScope } from '../../schemas/bots.ts';
import type { ClientFrameType } from '../../schemas/frames.ts';
import { type Refusal, refuse } from '../../schemas/refusal.ts';
import { TokenBucket } from '../socket/bucket.ts';
import { type Limited, limited } from './limits.ts';

/** A bot that has shown a token. */
export type BotClaims = { scopes: ReadonlySet<string> };

/** By method and route, as they are registered. */
const routes: Record<string, readonly BotScope[]> = {
  'GET /api/bots/current': [],
  'GET /api/conversations/:id/messages': ['messages:read'],
  'GET /api/conversations/:id/playback': ['messages:read'],
  'GET /api/conversations/:id/pins': ['messages:read'],
  'GET /api/messages/:id': ['messages:read'],
  'GET /api/messages/:id/versions': ['messages:read'],
  'PUT /api/messages/:id/read': ['messages:read'],
  'GET /api/search': ['messages:read', 'conversations:read'],
  'GET /api/media/:id': ['messages:read'],
  'POST /api/media/links': ['messages:read'],
  'POST /api/conversations/:id/messages': ['messages:write'],
  'PATCH /api/messages/:id': ['messages:write'],
  'DELETE /api/messages/:id': ['messages:write'],
  'PUT /api/messages/:id/pin': ['messages:write'],
  'DELETE /api/messages/:id/pin': ['messages:write'],
  'POST /api/media': ['messages:write'],
  'POST /api/media/uploads': ['messages:write'],
  'GET /api/media/uploads/:id': ['messages:write'],
  'POST /api/media/uploads/:id/complete': ['messages:write'],
  'DELETE /api/media/uploads/:id': ['messages:write'],
  'PUT /api/messages/:id/reactions/:emoji': ['reactions:write'],
  'DELETE /api/messages/:id/reactions/:emoji': ['reactions:write'],
  'GET /api/conversations': ['conversations:read'],
  'GET /api/conversations/:id': ['conversations:read'],
  'GET /api/conversations/:id/members': ['conversations:read'],
  'POST /api/conversations': ['conversations:write'],
  'PATCH /api/conversations/:id': ['conversations:write'],
  'POST /api/conversations/:id/members': ['conversations:write'],
  'PATCH /api/conversations/:id/members/:userId': ['conversations:write'],
  'DELETE /api/conversations/:id/members/:userId': ['conversations:write'],
  'GET /api/users': ['people:read'],
  'GET /api/users/active': ['people:read'],
  'GET /api/users/:id': ['people:read'],
};

/** A socket brings messages and conversations, so both must be allowed to whoever opens one. */
const frames: Record<ClientFrameType, readonly BotScope[]> = {
  connect: ['messages:read', 'conversations:read'],
  message: ['messages:write'],
  edit: ['messages:write'],
  delete: ['messages:write'],
  typing: ['messages:write'],
  react: ['reactions:write'],
  unreact: ['reactions:write'],
  read: ['messages:read'],
  delivered: ['messages:read'],
  watch: ['people:read'],
};

export type Wanted = { method: string; route: string } | { frame: ClientFrameType };

const neededFor = (wanted: Wanted): readonly BotScope[] | undefined => {
  if ('frame' in wanted) return frames[wanted.frame];
  const method = wanted.method === 'HEAD' ? 'GET' : wanted.method;
  return Object.hasOwn(routes, `${method} ${wanted.route}`) ? routes[`${method} ${wanted.route}`] : undefined;
};

/** Null: the token is good for it. */
export const refusalOfScope = ({ scopes }: BotClaims, wanted: Wanted): Refusal | null => {
  const needed = neededFor(wanted);
  if (!needed) return refuse('missing_scope', 'This is not for bots.');
  const missing = needed.filter((scope) => !scopes.has(scope));
  return missing.length === 0
    ? null
    : refuse('missing_scope', `The token lacks ${missing.join(' and ')}. Make one that has it.`);
};

/** One bot, over all its tokens and sockets at this gateway. */
const perBot = { burst: 100, perSecond: 25 };
const botsMax = 10_000;

/** The gate through which every request and every frame of a bot goes. */
export class BotGate {
  readonly #isLimited: boolean;
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(isLimited: boolean, now: () => number = () => performance.now()) {
    this.#isLimited = isLimited;
    this.#now = now;
  }

  refusal(userId: string, bot: BotClaims, wanted: Wanted): Refusal | Limited | null {
    if (this.#isLimited) {
      let bucket = this.#buckets.get(userId);
      if (!bucket) {
        if (this.#buckets.size >= botsMax) this.#buckets.clear();
        bucket = new TokenBucket(perBot.burst, perBot.perSecond, this.#now());
        this.#buckets.set(userId, bucket);
      }
      if (!bucket.take(this.#now())) return limited(1000 / perBot.perSecond);
    }
    return refusalOfScope(bot, wanted);
  }
}

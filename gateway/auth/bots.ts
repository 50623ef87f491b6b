// Bots: who answers for them, and their tokens. A token is shown once and kept as a hash; it counts as a session whose id
// is the token's, so revoking one closes sockets as signing a device out does.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Accounts, Bots as BotStore, StoredBot, StoredBotToken } from '../../ports/accounts/port.ts';
import {
  type Bot,
  type BotToken,
  type BotTokenBody,
  botTokenPattern,
  botTokenPrefix,
  type CurrentBot,
  type NewBotToken,
} from '../../schemas/bots.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal, type Refusal, refuse } from '../../schemas/refusal.ts';
import type { Profiles } from './profiles.ts';
import type { Revoked } from './revoked.ts';
import type { Claims } from './tokens.ts';

export type Bots = {
  /** Who shows this token. A revocation holds at once here, and as fast as the signal travels elsewhere. */
  authenticate(token: string): Promise<Claims | Refusal>;
  create(ownerId: string, username: string): Promise<Bot | Refusal>;
  list(callerId: string, all: boolean): Promise<Bot[] | Refusal>;
  /** The bot, to who answers for it or looks after the installation; to everybody else there is none. */
  managed(callerId: string, id: string): Promise<Bot | Refusal>;
  rename(callerId: string, id: string, username: string): Promise<Bot | Refusal>;
  tokens(callerId: string, id: string): Promise<BotToken[] | Refusal>;
  createToken(callerId: string, id: string, body: BotTokenBody): Promise<NewBotToken | Refusal>;
  revokeToken(callerId: string, id: string, tokenId: string): Promise<Refusal | null>;
  current(claims: Claims): Promise<CurrentBot | Refusal>;
};

export type BotOptions = {
  accounts: BotStore & Pick<Accounts, 'isAdmin'>;
  profiles: Pick<Profiles, 'registerBot' | 'change'>;
  revoked: Pick<Revoked, 'has'>;
  /** Every gateway closes what the token has open. */
  ended(botId: string, tokenId: string): Promise<void>;
  isInstanceAdmin(userId: string): Promise<boolean>;
  onSecurityEvent?: (event: { event: string; userId: string; by: string | null }) => void;
  now?: () => number;
};

/** How long a token is believed without asking again. Revocations do not wait for it. */
const believedMs = 2_000;
const knownMax = 10_000;
const touchedEveryMs = 60_000;
const shownMax = 1_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const noBot = (): Refusal => refuse('not_found', 'There is no such bot, or it is not yours.');
const noToken = (): Refusal =>
  refuse('not_signed_in', 'The token is not valid: unknown, revoked or expired.');

const viewOf = ({ id, username, profilePicUrl, ownerId, createdAt }: StoredBot): Bot => ({
  id,
  username,
  profilePicUrl,
  ownerId,
  createdAt,
});
const tokenView = ({ botId, ...token }: StoredBotToken): BotToken => token as BotToken;

export const openBots = (options: BotOptions): Bots => {
  const { accounts, profiles, revoked, ended, isInstanceAdmin, onSecurityEvent, now = Date.now } = options;
  const known = new Map<string, { token: StoredBotToken; until: number; touched: number }>();
  const at = (ms: number): string => new Date(ms).toISOString();

  const find = async (hash: string): Promise<StoredBotToken | null> => {
    const time = now();
    const kept = known.get(hash);
    if (kept && kept.until > time) return kept.token;
    const token = await accounts.botTokenOf(hash, at(time));
    if (!token) {
      known.delete(hash);
      return null;
    }
    const lastUsed = kept?.touched ?? Date.parse(token.lastUsedAt ?? '1970-01-01T00:00:00.000Z');
    const isTouched = time - lastUsed >= touchedEveryMs;
    if (isTouched) await accounts.touchBotToken(token.id, at(time));
    if (known.size >= knownMax) known.clear();
    known.set(hash, { token, until: time + believedMs, touched: isTouched ? time : lastUsed });
    return token;
  };
  const managed = async (callerId: string, id: string): Promise<StoredBot | Refusal> => {
    const bot = await accounts.bot(id);
    if (!bot) return noBot();
    return bot.ownerId === callerId || (await isInstanceAdmin(callerId)) ? bot : noBot();
  };
  const forget = (tokenId: string): void => {
    for (const [hash, { token }] of known) if (token.id === tokenId) known.delete(hash);
  };

  return {
    authenticate: async (text) => {
      if (!botTokenPattern.test(text)) return noToken();
      const token = await find(hashOf(text));
      if (!token || revoked.has(token.id)) return noToken();
      const expiresAtMs = token.expiresAt ? Date.parse(token.expiresAt) : Number.MAX_SAFE_INTEGER;
      if (expiresAtMs <= now()) return noToken();
      return {
        userId: token.botId,
        sessionId: token.id,
        expiresAtMs,
        bot: { scopes: new Set(token.scopes) },
      };
    },

    create: async (ownerId, username) => {
      const made = await profiles.registerBot(username, { ownerId, max: limits.botsPerPersonMax });
      if (isRefusal(made)) return made;
      onSecurityEvent?.({ event: 'bot_created', userId: made.userId, by: ownerId });
      const bot = await accounts.bot(made.userId);
      return bot ? viewOf(bot) : noBot();
    },
    list: async (callerId, all) => {
      if (all && !(await isInstanceAdmin(callerId)))
        return refuse('not_allowed', 'Only an instance admin sees everybody’s bots.');
      return (await accounts.bots(all ? null : callerId, shownMax)).map(viewOf);
    },
    managed: async (callerId, id) => {
      const bot = await managed(callerId, id);
      return isRefusal(bot) ? bot : viewOf(bot);
    },
    rename: async (callerId, id, username) => {
      const bot = await managed(callerId, id);
      if (isRefusal(bot)) return bot;
      const refusal = await profiles.change(id, { username });
      if (refusal) return refusal;
      const renamed = await accounts.bot(id);
      return renamed ? viewOf(renamed) : noBot();
    },
    tokens: async (callerId, id) => {
      const bot = await managed(callerId, id);
      return isRefusal(bot) ? bot : (await accounts.botTokens(id, at(now()))).map(tokenView);
    },
    createToken: async (callerId, id, { name, scopes, expiresAt = null }) => {
      const bot = await managed(callerId, id);
      if (isRefusal(bot)) return bot;
      if (expiresAt !== null && !(Date.parse(expiresAt) > now()))
        return refuse('invalid_input', '`expiresAt` is not a time to come.');
      const text = botTokenPrefix + randomBytes(32).toString('base64url');
      const token: StoredBotToken = {
        id: randomUUID(),
        botId: id,
        name: name.normalize('NFC'),
        scopes: [...scopes],
        createdAt: at(now()),
        lastUsedAt: null,
        expiresAt,
      };
      const made = await accounts.createBotToken(token, { hash: hashOf(text), max: limits.tokensPerBotMax });
      if (made === 'unknown') return noBot();
      if (made === 'full')
        return refuse('too_many', `A bot can have ${limits.tokensPerBotMax} tokens. Revoke one first.`);
      onSecurityEvent?.({ event: 'bot_token_created', userId: id, by: callerId });
      return { ...tokenView(token), token: text };
    },
    revokeToken: async (callerId, id, tokenId) => {
      const bot = await managed(callerId, id);
      if (isRefusal(bot)) return bot;
      if (!(await accounts.revokeBotToken(id, tokenId, at(now()))))
        return refuse('not_found', 'There is no such token.');
      forget(tokenId);
      onSecurityEvent?.({ event: 'bot_token_revoked', userId: id, by: callerId });
      await ended(id, tokenId);
      return null;
    },
    current: async ({ userId, sessionId }) => {
      const bot = await accounts.bot(userId);
      const token = (await accounts.botTokens(userId, at(now()))).find(({ id }) => id === sessionId);
      return bot && token ? { bot: viewOf(bot), token: tokenView(token) } : noToken();
    },
  };
};

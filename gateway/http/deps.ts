// Everything that the HTTP door needs, given by whoever composes the product. Nothing here reads the environment.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Status } from '../../ports/presence/port.ts';
import type { Hook, HookKeeping } from '../../ports/webhooks/port.ts';
import type { TestResult } from '../../schemas/bots.ts';
import type { ChoicesPatch } from '../../schemas/choices.ts';
import type { SearchQuery } from '../../schemas/http.ts';
import type { Refusal } from '../../schemas/refusal.ts';
import type { SearchResult } from '../../schemas/views.ts';
import type { StatisticsOf } from '../analytics/statistics.ts';
import type { Admins } from '../auth/admins.ts';
import type { Bots } from '../auth/bots.ts';
import type { AuthLimits } from '../auth/limits.ts';
import type { Mailing } from '../auth/mailing.ts';
import type { Auth } from '../auth/open.ts';
import type { Profiles } from '../auth/profiles.ts';
import type { BotGate } from '../auth/scopes.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Chat, People } from '../chat.ts';
import type { Erasing } from '../erasing.ts';
import type { MediaDoor } from '../media/media.ts';
import type { MediaLimits } from '../media/uploads.ts';
import type { Notifications } from '../notifications.ts';
import type { Desk } from '../operations/desk.ts';
import type { Personal } from '../personal.ts';
import type { Unsubscribing } from '../unsubscribing.ts';
import type { Incoming } from '../webhooks/incoming.ts';
import type { Outgoing } from '../webhooks/outgoing.ts';

export type HealthCheck = {
  /** Named in the answer: `log`, `history`, `accounts`, `presence`... */
  name: string;
  /** Without it sending does not work, so the gateway is not ready. */
  needed: boolean;
  /** Resolves when well. Is given two seconds. */
  check(): Promise<unknown>;
};

export type HttpDeps = {
  chat: Chat;
  people: People;
  search(readerId: string, query: SearchQuery): Promise<SearchResult | Refusal>;
  personal: Pick<Personal, 'changes' | 'put'>;
  notifications: Pick<
    Notifications,
    | 'preferences'
    | 'setPreferences'
    | 'subscriptions'
    | 'subscribe'
    | 'unsubscribe'
    | 'pushKey'
    | 'test'
    | 'explain'
    | 'forget'
  >;
  media: Pick<MediaDoor, 'uploads' | 'holderOf' | 'show' | 'links' | 'pictureUrl'>;
  mediaLimits: Pick<MediaLimits, 'fileBytesMax'>;
  /** Where browsers put parts of files by themselves, when that is not here. */
  mediaOrigin: string | null;
  statistics: Pick<StatisticsOf, 'conversation' | 'instance'>;
  sessions: Sessions;
  /** Who shows this token, person or bot. */
  authenticate: Auth['authenticate'];
  /** Through which everything goes that a bot asks for, here and on sockets. */
  botGate: BotGate;
  bots: Bots;
  incoming: Incoming;
  outgoing: Outgoing;
  /** The end of a bot's webhooks. */
  webhooks: Pick<HookKeeping, 'removeHooksOf'>;
  testWebhook(hook: Hook): Promise<TestResult>;
  profiles: Profiles;
  mailing: Mailing;
  unsubscribe: Unsubscribing;
  limits: AuthLimits;
  /** For `adminsOnly` in guard.ts, and for routes that show an admin more than others. */
  admins: Admins;
  /**
   * What a person says of oneself: `away` and `offline` are shown until changed, `online` goes back to what the
   * sockets say. Resolves when the directory agrees (or after a bounded wait).
   */
  setStatus(userId: string, status: Status): Promise<void>;
  /** How others see a person: status in words, privacy. Resolves when it holds at this gateway. */
  choose(userId: string, patch: ChoicesPatch): Promise<void>;
  /** Everything of a person's own, as lines. */
  ownData(userId: string): AsyncIterable<string>;
  /** What is left to do for a deleted account. */
  erasing: Pick<Erasing, 'begin'>;
  /** Tells the person's devices that something of the account is different. */
  accountChanged(userId: string): Promise<void>;
  /** For instance admins. */
  operations: Desk;
  /** Resolves when history has applied every event about these people, or all, that this gateway has seen (bounded). */
  freshUsers(ids?: string[]): Promise<void>;
  healthChecks: HealthCheck[];
  registry: Registry;
  /** True from SIGTERM on: not ready any more, and connections are asked to close. */
  draining(): boolean;
  /** Besides the own one, such as `https://chat.example.org`. */
  allowedOrigins?: string[];
  /** Further routes under `/api`, guarded like the rest (search, media, notifications). */
  moreRoutes?(api: FastifyInstance): void | Promise<void>;
  /** The built web client. */
  webDir?: string;
  tls?: { cert: string | Buffer; key: string | Buffer };
  /** Browsers reach us by https although we do not speak it ourselves (a proxy does): Secure cookies and HSTS. */
  behindTls?: boolean;
  /** As Fastify's: whose `X-Forwarded-*` to believe. Nobody's when unset. */
  trustProxy?: boolean | string | string[];
  logger?: FastifyBaseLogger;
  version?: string;
};

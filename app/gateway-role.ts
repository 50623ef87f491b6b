// The gateway as a role of a process: signing in, the live part, HTTP and sockets on one address.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import { openSender } from '../consumers/webhooks/sender.ts';
import { openAuth } from '../gateway/auth/open.ts';
import { BotGate } from '../gateway/auth/scopes.ts';
import { ChoicesKept } from '../gateway/choices.ts';
import { Erasing } from '../gateway/erasing.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { HealthCheck, HttpDeps } from '../gateway/http/deps.ts';
import { buildHttp } from '../gateway/http/server.ts';
import { Notifications } from '../gateway/notifications.ts';
import { type Desk, openDesk } from '../gateway/operations/desk.ts';
import { Overview } from '../gateway/operations/overview.ts';
import { ownData } from '../gateway/own-data.ts';
import { openPeople } from '../gateway/people.ts';
import { openUnsubscribing } from '../gateway/unsubscribing.ts';
import { reasonOf } from '../ports/errors.ts';
import { partitionFor } from '../ports/event-log/partition.ts';
import type { Spool } from '../ports/media/port.ts';
import type { GatewayReport } from '../ports/operations/port.ts';
import { isRefusal } from '../schemas/refusal.ts';
import { type Adapters, webDirOf } from './adapters.ts';
import type { Config } from './config.ts';
import { recordReader } from './log-record.ts';
import { unsubscribeSecret } from './mail-role.ts';
import { diskRoom, projectionSources, serverSources } from './operations-sources.ts';
import { endpointRule } from './push-endpoints.ts';
import type { Role } from './roles.ts';
import { productVersion } from './version.ts';
import { openWebhookDesk } from './webhook-desk.ts';

/** Longer than any file takes to come in. */
const spoolKeptMs = 6 * 3600_000;
const spoolSweepEveryMs = 3600_000;
const usersTopic = 'chat.users';
/** Within what a supervisor waits before it kills (10 s with most). */
const drainMs = 6_000;

export type GatewayRole = Role & {
  url: string;
  /** Told by a history consumer in the same process, so that reads need not ask how far it is. */
  advanced(topic: string, partition: number, next: number): void;
  report(): GatewayReport;
};

export const startGateway = async (
  config: Config,
  adapters: Adapters,
  context: { logger: Logger; registry: Registry; onFailure: (error: Error) => void },
): Promise<GatewayRole> => {
  const { log, topics, history, accounts, presence, search, analytics, media, rateLimit } = adapters;
  const { logger, registry, onFailure } = context;
  const onTrouble = (error: unknown, what: string) => logger.warn({ reason: reasonOf(error) }, what);
  const userPartitions = topics.find(({ name }) => name === usersTopic)?.partitions ?? 1;
  const userPartition = (key: string) => partitionFor(key, userPartitions);
  const sockets = new Gauge({
    name: 'chatvui_sockets',
    help: 'Open WebSockets of this gateway',
    registers: [registry],
  });

  const botGate = new BotGate(config.rateLimits);
  let openSockets = 0;

  // Signing in needs the log and the log's tail needs to know who signed in: the gateway comes second, and nobody
  // asks before it is there.
  let gateway: Gateway;
  const auth = await openAuth({
    accounts,
    log: {
      ready: () => gateway.live.closedFor() === null,
      publishUserEvent: async (key, json) => {
        const record = { partition: userPartition(key), key, value: Buffer.from(json) };
        const [offset] = await log.append(usersTopic, [record]);
        return (offset as number) + 1;
      },
      waitApplied: async (topic, key, place) => {
        await gateway.live.freshness.place(topic, userPartition(key), place);
      },
    },
    limits: { mode: config.rateLimits ? 'on' : 'off', shared: rateLimit.shared, local: rateLimit.local },
    announceRevoked: (userId, sessionId) => gateway.announceRevoked(userId, sessionId),
    onRevoked: (sessionId) => (gateway as Gateway | undefined)?.endSession(sessionId),
    onTrouble,
    onSecurityEvent: (event) => logger.info(event, 'security'),
  });
  const choices = new ChoicesKept({ store: accounts, onTrouble });
  await choices.start();
  gateway = await openGateway({
    log,
    history: history.reader,
    presence,
    search: search?.reader ?? null,
    analytics: analytics.reader,
    personal: accounts,
    media: {
      ...media,
      limits: config.media,
      secret: await accounts.secret('media-links', () => randomBytes(32).toString('base64url')),
    },
    choices,
    topics,
    verify: (token) => {
      const claims = auth.authenticate(token);
      const orNull = (known: Awaited<typeof claims>) => (isRefusal(known) ? null : known);
      return claims instanceof Promise ? claims.then(orNull) : orNull(claims);
    },
    botGate,
    onSessionRevoked: (sessionId) => auth.sessions.markRevoked(sessionId),
    originAllowed: originRule(config),
    rateLimits: config.rateLimits,
    logger,
    onFailure,
    gauge: (count) => {
      openSockets = count;
      sockets.set(count);
    },
  });
  auth.start();
  const spoolSweep = sweptSpool(media.spool, onTrouble);
  const isAlone = config.stack.kind === 'embedded';
  const erasing = new Erasing({ erasures: accounts, chat: gateway.chat, onTrouble, isAlone });
  erasing.start();

  const healthChecks: HealthCheck[] = [
    {
      name: 'log',
      needed: true,
      check: async () => {
        const closed = gateway.live.closedFor();
        if (closed) throw new Error(closed.detail);
        await log.endOffsets('chat.conversations');
      },
    },
    // Without these people who are here still talk; what needs them answers 503 by itself.
    { name: 'history', needed: false, check: () => history.ping() },
    { name: 'accounts', needed: false, check: () => accounts.ping() },
    { name: 'presence', needed: false, check: () => presence.ping() },
    { name: 'analytics', needed: false, check: () => analytics.ping() },
    { name: 'media', needed: false, check: () => Promise.all([media.records.ping(), media.blobs.ping()]) },
    { name: 'notifications', needed: false, check: () => adapters.notifications.ping() },
    { name: 'webhooks', needed: false, check: () => adapters.webhooks.ping() },
    ...(search ? [{ name: 'search', needed: false, check: () => search.ping() }] : []),
  ];
  const notifications = new Notifications({
    store: adapters.notifications,
    devices: (userId, now) => accounts.sessions([userId], now),
    message: (userId, id) => gateway.chat.message(userId, id),
    partitionOf: (id) => gateway.live.partitionOf(id),
    changed: (userId) => gateway.accountChanged(userId),
    pushKey: adapters.push.publicKey,
    refusalOfEndpoint: endpointRule(config, adapters.outbound),
    mailReaches: async (userId) => {
      const state = (await accounts.mailStates([userId])).get(userId);
      return state?.verifiedAt != null && state.bouncedAt === null;
    },
  });
  const { incoming, outgoing } = openWebhookDesk({
    adapters,
    bots: auth.bots,
    limits: auth.limits,
    gateway,
  });
  const app = await buildHttp({
    incoming,
    outgoing,
    webhooks: adapters.webhooks,
    testWebhook: (hook) => openSender(adapters.outbound).test(hook),
    chat: gateway.chat,
    search: (readerId, query) => gateway.search(readerId, query),
    statistics: gateway.statistics,
    personal: gateway.personal,
    notifications,
    media: gateway.media,
    mediaLimits: config.media,
    mediaOrigin: media.blobs.directOrigin,
    people: openPeople({ history: history.reader, presence, accounts, choices, onTrouble }),
    sessions: auth.sessions,
    authenticate: auth.authenticate,
    botGate,
    bots: auth.bots,
    profiles: auth.profiles,
    mailing: auth.mailing,
    unsubscribe: openUnsubscribing({ secret: await unsubscribeSecret(adapters), accounts, notifications }),
    limits: auth.limits,
    admins: auth.admins,
    operations: deskOf(config, adapters, healthChecks, logger),
    version: productVersion,
    setStatus: (userId, status) => gateway.setStatus(userId, status),
    choose: (userId, patch) => gateway.choose(userId, patch),
    ownData: (userId) =>
      ownData({ accounts, chat: gateway.chat, notifications, media: gateway.media }, userId),
    erasing,
    accountChanged: (userId) => gateway.accountChanged(userId),
    freshUsers: (ids) => gateway.freshUsers(ids),
    healthChecks,
    registry,
    draining: () => gateway.live.draining(),
    ...httpOptions(config),
    logger,
  });
  await gateway.sockets.register(app);
  await app.listen({ host: config.server.host, port: config.server.port });
  const { port } = app.server.address() as AddressInfo;
  const host = config.server.host.includes(':') ? `[${config.server.host}]` : config.server.host;

  return {
    name: 'gateway',
    url: `${config.server.tls ? 'https' : 'http'}://${host}:${port}`,
    report: () => ({
      sockets: openSockets,
      silentMs: Math.round(gateway.live.silentMs()),
      closed: gateway.live.closedFor()?.detail ?? null,
    }),
    advanced: (topic, partition, next) => gateway.live.freshness.advanced(topic, partition, next),
    async stop() {
      await gateway.drain(drainMs);
      await app.close();
      await erasing.close();
      await auth.close();
      choices.close();
      clearInterval(spoolSweep);
      await gateway.close();
    },
  };
};

/** What a gateway that died was taking in lies on this machine's disk. */
const sweptSpool = (spool: Spool, onTrouble: (error: unknown, what: string) => void): NodeJS.Timeout => {
  const sweep = () =>
    void spool.sweep(spoolKeptMs).catch((error) => onTrouble(error, 'Old half files are removed later'));
  sweep();
  return setInterval(sweep, spoolSweepEveryMs).unref();
};

const deskOf = (config: Config, adapters: Adapters, checks: HealthCheck[], logger: Logger): Desk => {
  const { operations, log, history } = adapters;
  const overview = new Overview({
    operations,
    log,
    projections: projectionSources(adapters),
    servers: serverSources(config, adapters, checks),
    version: productVersion,
    disk: diskRoom(config),
  });
  return openDesk({
    overview,
    operations,
    history: history.reader,
    record: recordReader(log),
    onSecurityEvent: (event) => logger.info(event, 'security'),
  });
};

const httpOptions = (config: Config): Partial<HttpDeps> => {
  const { server } = config;
  const trusted = server.trustProxy;
  const webDir = webDirOf(import.meta.url);
  return {
    allowedOrigins: server.allowedOrigins,
    // Fastify takes a number of hops at run time; its type knows only the function.
    trustProxy:
      typeof trusted === 'number' ? (((_address: string, hop: number) => hop < trusted) as never) : trusted,
    behindTls: server.publicUrl?.startsWith('https:') ?? false,
    ...(server.web && existsSync(webDir) ? { webDir } : {}),
    ...(server.tls
      ? { tls: { cert: readFileSync(server.tls.certFile), key: readFileSync(server.tls.keyFile) } }
      : {}),
  };
};

/** Pages of the host that was asked, and those that the configuration names. */
const originRule =
  ({ server }: Config) =>
  (origin: string, host: string | undefined): boolean => {
    if (server.allowedOrigins.includes(origin)) return true;
    try {
      return new URL(origin).host === host;
    } catch {
      return false;
    }
  };

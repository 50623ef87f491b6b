// What instance admins see of an installation, and what they may tell it to do.
import { type Static, Type } from 'typebox';
import { limits } from './limits.ts';
import { Id, nullable, Time } from './values.ts';

const closed = { additionalProperties: false } as const;
const Offset = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Partition = Type.Integer({ minimum: 0, maximum: 100_000 });
const Word = Type.String({ minLength: 1, maxLength: 100, pattern: '^[\\w.-]+$' });

const place = { topic: Type.String(), partition: Partition, offset: Offset };

export const problemCodes = [
  'server_away',
  'gateway_closed',
  'gateway_missing',
  'partition_stopped',
  'partition_unowned',
  'partition_retrying',
  'projection_behind',
  'versions_differ',
  'disk_low',
] as const;

export const OperationsProblem = Type.Object(
  {
    code: Type.Enum([...problemCodes]),
    subject: Type.String({ description: 'what it is about: a server, a projection, a process' }),
    detail: nullable(Type.String()),
    count: Type.Integer({ minimum: 1, description: 'of partitions, where it is about partitions' }),
  },
  closed,
);
export type OperationsProblem = Static<typeof OperationsProblem>;

export const ServerHealth = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    ok: Type.Boolean(),
    needed: Type.Boolean({ description: 'without it nothing can be sent' }),
    latencyMs: nullable(Type.Number()),
    version: nullable(Type.String()),
    code: nullable(Type.String()),
  },
  closed,
);
export type ServerHealth = Static<typeof ServerHealth>;

export const PartitionHealth = Type.Object(
  {
    topic: Type.String(),
    partition: Partition,
    next: Offset,
    end: Offset,
    lag: Offset,
    state: Type.Enum(['running', 'retrying', 'stopped', 'nobody']),
    reason: nullable(Type.String()),
    stoppedAt: nullable(Offset),
    owner: nullable(Type.String({ description: 'host:pid' })),
    rate: Type.Number({ description: 'events each second' }),
  },
  closed,
);
export type PartitionHealth = Static<typeof PartitionHealth>;

export const ProjectionBeside = Type.Object(
  {
    begun: nullable(
      Type.Object(
        { applied: Offset, end: Offset },
        {
          ...closed,
          description:
            'a copy that was begun and has not taken its place: so many events of so many are in it',
        },
      ),
    ),
    old: Type.Boolean({ description: 'what the last rebuild put aside is kept' }),
  },
  closed,
);
export type ProjectionBeside = Static<typeof ProjectionBeside>;

export const ProjectionHealth = Type.Object(
  {
    name: Type.String(),
    state: Type.Enum(['running', 'retrying', 'stopped', 'nobody']),
    lag: Offset,
    rate: Type.Number(),
    partitions: Type.Array(PartitionHealth),
    beside: nullable(ProjectionBeside),
  },
  closed,
);
export type ProjectionHealth = Static<typeof ProjectionHealth>;

export const ProcessHealth = Type.Object(
  {
    owner: Type.String(),
    startedAt: Time,
    seenAt: Time,
    version: Type.String(),
    node: Type.String(),
    projections: Type.Array(Type.String()),
    gateway: nullable(
      Type.Object(
        { sockets: Type.Integer(), silentMs: Type.Integer(), closed: nullable(Type.String()) },
        closed,
      ),
    ),
  },
  closed,
);
export type ProcessHealth = Static<typeof ProcessHealth>;

export const OperationsOverview = Type.Object(
  {
    at: Time,
    version: Type.String(),
    eventVersions: Type.Record(Type.String(), Type.Integer()),
    disk: nullable(Type.Object({ freeBytes: Type.Number(), totalBytes: Type.Number() }, closed)),
    problems: Type.Array(OperationsProblem, { description: 'empty: everything works' }),
    servers: Type.Array(ServerHealth),
    projections: Type.Array(ProjectionHealth),
    processes: Type.Array(ProcessHealth),
  },
  closed,
);
export type OperationsOverview = Static<typeof OperationsOverview>;

export const OrderBody = Type.Object(
  {
    kind: Type.Enum(['retry', 'skip', 'append'], {
      description:
        'retry: try a stopped partition again; skip: give up the event that stops it, into the dead letters; append: write the event of a dead letter into the log again',
    }),
    projection: Word,
    topic: Word,
    partition: Partition,
    offset: Offset,
  },
  closed,
);
export type OrderBody = Static<typeof OrderBody>;

export const OperatorOrder = Type.Object(
  {
    id: Id,
    kind: Type.Enum(['retry', 'skip', 'append']),
    projection: Type.String(),
    ...place,
    by: nullable(Type.String({ description: 'the name; null: on the terminal' })),
    at: Time,
    state: Type.Enum(['waiting', 'done', 'failed']),
    outcome: nullable(Type.String()),
    settledAt: nullable(Time),
  },
  closed,
);
export type OperatorOrder = Static<typeof OperatorOrder>;

export const OperatorDeadLetter = Type.Object(
  {
    ...place,
    eventId: nullable(Type.String()),
    type: nullable(Type.String()),
    at: nullable(Time),
    kind: Type.Enum(['void', 'skipped']),
    reason: Type.String(),
    orders: Type.Array(OperatorOrder, { description: 'what was ordered about it, newest first' }),
  },
  closed,
);
export type OperatorDeadLetter = Static<typeof OperatorDeadLetter>;

export const InspectedEvent = Type.Object(
  {
    ...place,
    key: Type.String(),
    loggedAt: Time,
    bytes: Type.Integer({ minimum: 0 }),
    json: Type.Unknown({ description: 'the event; null where it is no JSON' }),
    text: nullable(Type.String({ description: 'its beginning, where it is no JSON' })),
    problem: nullable(Type.String({ description: 'why it cannot be read' })),
  },
  closed,
);
export type InspectedEvent = Static<typeof InspectedEvent>;

/** In an address everything is text. */
export const PlaceParams = Type.Object(
  {
    topic: Word,
    partition: Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$', description: 'decimal' }),
    offset: Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$', description: 'decimal' }),
  },
  closed,
);
export const DeadLettersQuery = Type.Object(
  {
    only: Type.Optional(Type.Enum(['void', 'skipped'])),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.pageSizeMax, default: limits.pageSizeDefault }),
    ),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  },
  closed,
);

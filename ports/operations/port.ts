// Operations: what the processes of an installation say of themselves, and what an operator tells them to do. Small,
// bounded and worth nothing without the processes; the log and the projections never depend on it.

export type PartitionReport = {
  projection: string;
  topic: string;
  partition: number;
  /** The first offset not yet applied, and where the log ended, as this process last heard. */
  next: number;
  end: number;
  state: 'running' | 'retrying' | 'stopped';
  reason: string | null;
  /** The offset of the event that stops it. */
  stoppedAt: number | null;
  /** Offsets passed each second since the report before. */
  rate: number;
};

export type GatewayReport = {
  sockets: number;
  /** How long the log has not been heard. */
  silentMs: number;
  /** Why sending is refused here; null when it works. */
  closed: string | null;
};

/** One process, as of its last word. */
export type Report = {
  /** One for each life of a process. */
  id: string;
  /** host:pid */
  owner: string;
  startedAt: string;
  seenAt: string;
  version: string;
  node: string;
  gateway: GatewayReport | null;
  partitions: PartitionReport[];
};

/**
 * `retry`: try a stopped partition again. `skip`: give up the event that stops it. `append`: write the event of a dead
 * letter into the log again.
 */
export type OrderKind = 'retry' | 'skip' | 'append';

export type OrderPlace = { topic: string; partition: number; offset: number };

export type NewOrder = OrderPlace & {
  id: string;
  kind: OrderKind;
  /** Whose partition it is: that one's owner carries it out. */
  projection: string;
  /** Who wants it; null: on the terminal. */
  by: string | null;
  at: string;
};

export type Order = NewOrder & {
  state: 'waiting' | 'done' | 'failed';
  /** What came of it, for a person. */
  outcome: string | null;
  settledAt: string | null;
};

export interface Operations {
  /** Replaces what this process said before. What has not been renewed for an hour goes. */
  report(report: Report): Promise<void>;
  /** Of processes heard since then, at most 200, oldest start first. */
  reports(since: string): Promise<Report[]>;
  /** This process ends. */
  leave(id: string): Promise<void>;

  /**
   * The same order (kind, projection and place) waits at most once, whoever gives it: who comes second is answered with
   * the first. One that nobody carried out for ten minutes has failed. OutsideError `too_many_orders` beyond 100
   * that wait.
   */
  give(order: NewOrder): Promise<Order>;
  /** Oldest first. */
  waiting(): Promise<Order[]>;
  /** False: it was settled before; that stays. */
  settle(id: string, outcome: { state: 'done' | 'failed'; outcome: string; at: string }): Promise<boolean>;
  /** Newest first. */
  orders(query: { limit: number }): Promise<Order[]>;
  /** All that were ever given about these places (at most 100), newest first. */
  ordersAt(places: OrderPlace[]): Promise<Order[]>;

  /** Of the database server. */
  serverVersion(): Promise<string>;
  close(): Promise<void>;
}

/** After that an order that waits is taken for failed: nobody owns the partition. */
export const orderPatienceMs = 10 * 60_000;

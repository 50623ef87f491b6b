// What the shared loop asks of a projection: where it stands, and to take a batch together with its new position.
import type { Claim, DeadLetter } from '../ports/history/port.ts';
import type { ChatEvent } from '../schemas/events.ts';

/** An event at its place. `position` is the place as rows know it: offset + 1. */
export type Placed = {
  event: ChatEvent;
  offset: number;
  position: number;
  /** When the log took it. */
  loggedMs: number;
};

/** A stretch of one partition's log, in order. */
export type Work = {
  topic: string;
  partition: number;
  fence: number;
  /** The first offset after this stretch. */
  next: number;
  events: Placed[];
  /** What was told to be skipped: kept in the transaction that moves the position past it. */
  skipped: DeadLetter[];
};

export interface Projection {
  /** Takes a partition. Whatever was remembered of it is forgotten: the store knows better. */
  claim(topic: string, partition: number): Promise<Claim>;
  /**
   * Rows and position together, all of it or nothing. Throws OutsideError as the store did, or CannotApply for an event
   * that has no meaning. After a throw the loop claims anew before it comes again.
   */
  handle(work: Work): Promise<{ voided: number }>;
  /** The partition went to another owner. */
  release(topic: string, partition: number): void;
  /** An event that cannot be read: whether history has given it up, so that this one need not be told again. */
  gaveUp?(topic: string, partition: number, offset: number): Promise<boolean>;
}

/** An event of this batch cannot be taken, today or tomorrow. The loop finds out which one. */
export class CannotApply extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = 'CannotApply';
  }
}

export type Logger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type PartitionStatus = {
  topic: string;
  partition: number;
  /** The first offset not yet applied. */
  next: number;
  /** Where the log ends, as last heard. */
  end: number;
  lag: number;
  /** `stopped`: it waits for a person. `retrying`: for something outside to come back. */
  state: 'running' | 'retrying' | 'stopped';
  reason?: string;
  /** The offset of the event that stops it. */
  stoppedAt?: number;
  /** How often it has stopped in a row: rises with every try. */
  tries: number;
};

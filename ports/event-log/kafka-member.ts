// Belonging to a consumer group, and nothing else: which partitions are ours. All of them stay paused for kafkajs, whose
// own reading would start at offsets kept in Kafka and would stop its heartbeats while a handler works.
import type { Kafka, Consumer as Member } from 'kafkajs';
import { OutsideError } from '../errors.ts';
import { atMost, kafkaError, mayPass, pause, retryOften } from './kafka-client.ts';

const silentMs = 30_000;
const maxCrashes = 5;

export type MembershipOptions = {
  group: string;
  topic: string;
  onAssigned(partitions: number[]): void;
  /** The group is dividing anew, or we fell out of it: nothing is ours until `onAssigned`. */
  onLost(): void;
  onFailure(error: Error): void;
};

const late = (text: string): OutsideError => new OutsideError('log_unavailable', 'later', text);

/** Joins in the background and stays; the returned function leaves. */
export const joinGroup = (kafka: Kafka, options: MembershipOptions): (() => Promise<void>) => {
  const { group, topic } = options;
  let member: Member | undefined;
  let left = false;
  let crashes = 0;
  let signMs = performance.now();

  const start = async (): Promise<void> => {
    const mine = kafka.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      rebalanceTimeout: 15_000,
      heartbeatInterval: 500,
      maxWaitTimeInMs: 100,
      retry: { ...retryOften, restartOnFailure: async () => false },
    });
    member = mine;
    const current = (): boolean => member === mine && !left;
    const sign = (): void => {
      signMs = performance.now();
    };
    let dividing = false;
    mine.on(mine.events.HEARTBEAT, () => {
      sign();
      // It could not join (the coordinator of a restarted broker was loading), and goes on as who it was: accepted, and
      // without ever saying again what is ours.
      if (current() && dividing) void again(late(`Group ${group} was not joined again.`));
    });
    mine.on(mine.events.REBALANCING, () => {
      sign();
      dividing = true;
      if (current()) options.onLost();
    });
    mine.on(mine.events.GROUP_JOIN, ({ payload }) => {
      sign();
      dividing = false;
      if (!current()) return;
      crashes = 0;
      mine.pause([{ topic }]);
      options.onAssigned([...(payload.memberAssignment[topic] ?? [])].sort((a, b) => a - b));
    });
    mine.on(mine.events.CRASH, ({ payload }) => {
      if (current()) void again(payload.error);
    });
    await mine.connect();
    await mine.subscribe({ topic });
    await mine.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // Only what kafkajs fetched before it was told to pause: left alone, never resolved, never committed.
      eachBatch: async () => mine.pause([{ topic }]),
    });
  };

  /** A crash, or silence: kafkajs' consumers are known to stop without a word. */
  const again = async (error: unknown): Promise<void> => {
    const old = member;
    member = undefined;
    signMs = performance.now();
    options.onLost();
    const typed = kafkaError(`group ${group}`, error);
    // Brokers that are away are waited for, however long; anything else that keeps happening is for a person.
    if (!mayPass(error)) crashes++;
    if (crashes > maxCrashes || typed.retry === 'never') {
      options.onFailure(typed);
      return;
    }
    await atMost(2000, old?.disconnect().catch(() => {}) ?? Promise.resolve());
    await pause(200 * (crashes + 1));
    if (!left) await start().catch(again);
  };

  const watch = setInterval(() => {
    if (member === undefined || performance.now() - signMs < silentMs) return;
    void again(late(`No sign of group ${group} for ${silentMs} ms.`));
  }, 1000).unref();

  void start().catch(again);

  return async () => {
    left = true;
    clearInterval(watch);
    await member?.disconnect().catch(() => {});
  };
};

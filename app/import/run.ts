// Plays a foreign history through commands and the log. Safe to run twice and to resume after a kill: ids follow from
// the source, how far it came is kept, and what may have been written already is looked up.

import { apply } from '../../consumers/history/apply.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import { addMembers, createConversation } from '../../producers/conversation.ts';
import type { Context } from '../../producers/decider.ts';
import { sendMessage } from '../../producers/message.ts';
import { type ConversationState, evolve, stateOf } from '../../producers/state.ts';
import { encodeEvent, makeEvent } from '../../schemas/codec.ts';
import type { ConversationEvent } from '../../schemas/events.ts';
import { limits } from '../../schemas/limits.ts';
import { isRefusal, type Refusal } from '../../schemas/refusal.ts';
import type { Adapters } from '../adapters.ts';
import type { SourceMessage } from './jsonl.ts';
import { publishOutbox } from './people.ts';
import { groupIdOf, importedId, type Plan, placeholderOf, planImport, refOf } from './plan.ts';

const topic = 'chat.conversations';
const batchSize = 500;
/** Batches on their way to the log at the same time. */
const inFlightMax = 4;
/** After a kill, what lies this far behind the last mark may be in the log already. */
const doubtful = batchSize * (inFlightMax + 2);

export type ImportOptions = {
  adapters: Adapters;
  actorId: string;
  /** The source's name: names the group and makes the import the same one again. */
  source: string;
  read: () => AsyncIterable<SourceMessage>;
  progress: (step: 'reading' | 'people' | 'messages', done: number, total: number) => void;
};

export type Imported = { groupId: string; total: number; people: number; written: number };

export const runImport = async (options: ImportOptions): Promise<Imported> => {
  const { adapters, actorId, source, read, progress } = options;
  const groupId = groupIdOf(actorId, source);
  progress('reading', 0, 0);
  const plan = await planImport(groupId, read());
  const userIds = await importPeople(adapters, plan, progress);
  const group = new Group(adapters, actorId, groupId);
  await group.open(
    source,
    plan.names.map((name) => userIds.get(name) as string),
  );
  const written = await importMessages(options, plan, userIds, group);
  return { groupId, total: plan.total, people: plan.names.length, written };
};

const importPeople = async (
  adapters: Adapters,
  plan: Plan,
  progress: ImportOptions['progress'],
): Promise<Map<string, string>> => {
  const now = new Date().toISOString();
  const userIds = new Map<string, string>();
  for (let from = 0; from < plan.names.length; from += batchSize) {
    const names = plan.names.slice(from, from + batchSize);
    const ids = await adapters.accounts.createPlaceholders(
      names.map((name) => placeholderOf(name, now)),
      (user) =>
        JSON.stringify(
          makeEvent({
            type: 'user.registered',
            id: user.id,
            subject: user.id,
            actor: null,
            time: now,
            data: { user },
          }),
        ),
    );
    for (const [name, id] of ids) userIds.set(name, id);
    progress('people', userIds.size, plan.names.length);
  }
  await publishOutbox(adapters);
  return userIds;
};

/** The group that the messages go to, with its state as the deciders want it. */
class Group {
  readonly #adapters: Adapters;
  readonly #actorId: string;
  readonly id: string;
  readonly #partition: number;
  #state: ConversationState | null = null;

  constructor(adapters: Adapters, actorId: string, id: string) {
    this.#adapters = adapters;
    this.#actorId = actorId;
    this.id = id;
    const partitions = adapters.topics.find(({ name }) => name === topic)?.partitions ?? 1;
    this.#partition = partitionFor(id, partitions);
  }

  /** Made on the first run; later runs find it in history and add who is missing. */
  async open(name: string, memberIds: string[]): Promise<void> {
    const { stored } = await this.#adapters.history.reader.conversation(this.id);
    this.#state = stored ? stateOf(stored.conversation, stored.members) : null;
    if (!this.#state) {
      const command = {
        isGroup: true,
        name: name.slice(0, limits.nameLengthMax),
        memberIds: [],
        id: this.id,
      };
      await this.#write(createConversation(command, this.#context()));
    }
    for (let from = 0; from < memberIds.length; from += limits.membersPerChangeMax) {
      const userIds = memberIds.slice(from, from + limits.membersPerChangeMax);
      await this.#write(addMembers(this.#state, { userIds, isAdmin: false }, this.#context()));
    }
  }

  /** Resolves when these are durable. */
  async send(commands: Parameters<typeof sendMessage>[1][]): Promise<void> {
    const context = this.#context();
    await this.#write(commands.flatMap((command) => accepted(sendMessage(this.#state, command, context))));
  }

  #context(): Context {
    return {
      actorId: this.#actorId,
      now: new Date().toISOString(),
      newId: () => crypto.randomUUID(),
    };
  }

  async #write(decision: ReturnType<typeof sendMessage>): Promise<void> {
    const events = accepted(decision);
    if (events.length === 0) return;
    const offsets = await this.#adapters.log.append(
      topic,
      events.map((event) => ({ partition: this.#partition, key: this.id, value: encodeEvent(event) })),
    );
    for (const [i, event] of events.entries()) {
      if (event.type === 'message.sent') break;
      this.#state = evolve(this.#state, apply(event as ConversationEvent, (offsets[i] as number) + 1));
    }
  }
}

const importMessages = async (
  { adapters, read, progress }: ImportOptions,
  plan: Plan,
  userIds: Map<string, string>,
  group: Group,
): Promise<number> => {
  const { accounts, history } = adapters;
  const markName = `import:${group.id}`;
  const done = Number((await accounts.mark(markName)) ?? 0);
  const idOf = (sourceId: string): string | null => {
    const author = plan.authors.get(sourceId);
    return author ? importedId(group.id, sourceId, userIds.get(author) as string) : null;
  };
  let written = 0;
  let marked = done;
  const inFlight: { through: number; sent: Promise<void> }[] = [];
  const settleFirst = async () => {
    const first = inFlight.shift();
    if (!first) return;
    await first.sent;
    marked = first.through;
    await accounts.setMark(markName, String(marked));
    progress('messages', marked, plan.total);
  };
  const flush = async (batch: SourceMessage[], through: number) => {
    let fresh = batch;
    if (through - batch.length < done + doubtful && done > 0) {
      const ids = batch.map(({ id }) => idOf(id) as string);
      const there = new Set((await history.reader.messages(ids)).map(({ message }) => message.id));
      fresh = batch.filter(({ id }) => !there.has(idOf(id) as string));
    }
    written += fresh.length;
    const commands = fresh.map((message) => ({
      ref: refOf(group.id, message.id),
      content: message.text,
      isWordless: message.text === '',
      replyTo: message.replyTo ? idOf(message.replyTo) : null,
      attachments: [],
      mentions: [],
      imported: { senderId: userIds.get(message.from) as string, at: message.at },
    }));
    const sent = group.send(commands);
    sent.catch(() => undefined);
    inFlight.push({ through, sent });
    if (inFlight.length >= inFlightMax) await settleFirst();
  };
  let number = 0;
  let batch: SourceMessage[] = [];
  for await (const message of read()) {
    number += 1;
    if (number <= done) continue;
    batch.push(message);
    if (batch.length < batchSize) continue;
    await flush(batch, number);
    batch = [];
  }
  if (batch.length > 0) await flush(batch, number);
  while (inFlight.length > 0) await settleFirst();
  progress('messages', plan.total, plan.total);
  return written;
};

const accepted = <T>(decision: T[] | Refusal): T[] => {
  if (isRefusal(decision)) throw new Error(`the import was refused: ${decision.detail}`);
  return decision;
};

// The people in the pictures, what they have said before today and say now, and what goes wrong at the end.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../ports/event-log/embedded.ts';
import { partitionFor } from '../../ports/event-log/partition.ts';
import { makeEvent } from '../../schemas/codec.ts';
import { Api } from '../client/api.ts';
import { upload } from '../client/files.ts';
import { Person, password } from '../client/person.ts';
import { sentBy } from '../client/sent-by.ts';
import type { Embedded } from '../harness.ts';
import { embeddedEnv, runImport } from '../journeys/importing.ts';
import { face, type Photograph, photograph, shapes } from './art.ts';
import { crew, direct, faces, live, me, others, trip, unreadInCrew } from './sample.ts';

const partitions = 12;
const readers = ['Duy', 'Linh', 'Tom', 'Aisha'];
const people = new Map<string, Person>();

export const person = (name: string): Person => {
  const found = people.get(name);
  if (!found) throw new Error(`nobody is called ${name}`);
  return found;
};

export const everybodyComes = async (url: string): Promise<void> => {
  for (const name of [me, ...others]) {
    const api = new Api(url);
    const { user } = await api.register(name, password);
    people.set(name, new Person(user, api));
  }
};

export const everybodyGoes = (): void => {
  for (const one of people.values()) one.close();
};

/** What was said before today: the server is stopped while its data folder gets it. */
export const rememberEarlier = async ({ process, dataDir }: Embedded): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-pictures-'));
  await process.kill('SIGTERM');
  for (const { name, earlier } of [crew, trip]) {
    const lines = earlier.map(([minutesAgo, from, text, answers], id) => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      return JSON.stringify({
        id: `${id}`,
        at,
        from,
        text,
        ...(answers === undefined ? {} : { replyTo: `${answers}` }),
      });
    });
    const file = join(dir, `${name}.jsonl`);
    writeFileSync(file, lines.join('\n'));
    const { code, output } = await runImport(embeddedEnv(dataDir), [file, '--as', me]);
    if (code !== 0) throw new Error(output);
  }
  rmSync(dir, { recursive: true });
  await process.start();
};

/** Answers the ids of the trip's and the crew's conversation. */
export const talk = async (): Promise<{ tripId: string; crewId: string }> => {
  for (const name of ['Duy', 'Linh', 'Aisha', 'Khang']) await person(name).connect();
  const { items } = await person(me).api.conversations();
  const idOf = (wanted: string) => items.find(({ name }) => name === wanted)?.id ?? '';
  for (const { with: other, lines } of direct) {
    const { id } = await person(me).api.createDirect(person(other).id);
    for (const [from, text] of lines) {
      const { id: messageId } = await person(from).api.send(id, text);
      if (from === me) await person(other).api.markRead(messageId);
      else if (other !== 'Linh') await person(me).api.markRead(messageId);
    }
  }
  // What was imported last is the last that she has read there.
  for (const { lastMessage } of items) if (lastMessage) await person(me).api.markRead(lastMessage.id);
  const sayAll = async (conversationId: string, lines: typeof live, readBy: string[]) => {
    for (const [from, text, reactions, photographs = []] of lines) {
      const { id } = await sayWith(from, conversationId, text, photographs);
      for (const name of reactions?.[1] ?? []) await person(name).api.react(id, reactions?.[0] ?? '');
      for (const name of readBy) await person(name).api.markRead(id);
    }
  };
  const tripId = idOf(trip.name);
  await sayAll(idOf(crew.name), unreadInCrew, []);
  await sayAll(tripId, live, [me, ...readers]);
  return { tripId, crewId: idOf(crew.name) };
};

const sayWith = async (from: string, conversationId: string, content: string, photographs: Photograph[]) => {
  const { api } = person(from);
  const attachments: string[] = [];
  for (const name of photographs)
    attachments.push((await upload(api, `${name}.jpg`, await photograph(name))).id);
  const body = { ref: randomUUID(), content, attachments };
  return api.call<{ id: string }>('POST', `/api/conversations/${conversationId}/messages`, body);
};

/** Some have chosen a picture of themselves, and the group has one. */
export const everybodyHasAFace = async (tripId: string): Promise<void> => {
  for (const { name, ground, shape } of faces) {
    const { api, id } = person(name);
    const picture = await upload(api, 'me.jpg', await face(ground, shapes[shape]));
    await api.call('PUT', `/api/users/${id}`, { pictureMediaId: picture.id });
  }
  const { api } = person(me);
  const picture = await upload(api, 'trip.jpg', await photograph('lanterns'));
  await api.call('PATCH', `/api/conversations/${tripId}`, { pictureMediaId: picture.id });
};

/** Newer code has written into the log, and somebody a message where they are no member: behind the stopped server's back. */
export const somethingGoesWrong = async ({ process, dataDir: dir }: Embedded, crewId: string) => {
  everybodyGoes();
  await process.kill('SIGTERM');
  const log = await openEmbeddedLog({ dir });
  const append = (topic: string, partition: number, key: string, event: object) =>
    log.append(topic, [{ partition, key, value: Buffer.from(JSON.stringify(event)) }]);
  const stranger = person('Ngoại').id;
  const newer = { ...presenceOf(stranger), dataversion: 2 };
  await append('chat.presence', 0, stranger, newer);
  const letter = sentBy(stranger, crewId, 'Deployed.');
  await append('chat.conversations', partitionFor(crewId, partitions), crewId, letter);
  await log.close();
  await process.start();
};

const presenceOf = (userId: string) => {
  const time = new Date().toISOString();
  return makeEvent({
    type: 'presence.changed',
    id: randomUUID(),
    subject: userId,
    actor: userId,
    time,
    data: { presence: { userId, status: 'online', at: time } },
  });
};

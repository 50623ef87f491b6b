// What travels on the socket and in the log, as an AsyncAPI 3 document made from the schemas.
import { Envelope, eventTypes } from '../../schemas/events.ts';
import { clientFrames, serverFrames, subprotocol } from '../../schemas/frames.ts';
import { topicShapes } from '../../schemas/topics.ts';

type Json = Record<string, unknown>;

/** A plain copy without `$id`: the same shape occurs in many frames, and an id may occur once. */
const plain = (schema: unknown): Json =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === '$id' ? undefined : value)));

const ref = (path: string): Json => ({ $ref: `#/${path}` });

const frameMessages = (frames: Record<string, unknown>, from: 'client' | 'server'): Json =>
  Object.fromEntries(
    Object.entries(frames).map(([name, schema]) => [
      `${from}.${name}`,
      { name, title: `${name} (from the ${from})`, contentType: 'application/json', payload: plain(schema) },
    ]),
  );

const eventPayload = (type: string, version: number, data: unknown): Json => {
  const envelope = plain(Envelope);
  const properties = envelope.properties as Json;
  return {
    ...envelope,
    properties: { ...properties, type: { const: type }, dataversion: { const: version }, data: plain(data) },
  };
};

const refsInto = (channel: string, messages: Json): Json[] =>
  Object.keys(messages).map((name) => ref(`channels/${channel}/messages/${name}`));

/** `chat.users` as a key of the document. */
const keyOf = (topic: string): string => topic.replace(/\./g, '-');

export const asyncApi = (version: string): Json => {
  const fromClient = frameMessages(clientFrames, 'client');
  const fromServer = frameMessages(serverFrames, 'server');
  const channels: Record<string, Json> = {
    socket: {
      address: '/ws',
      title: `WebSocket, subprotocol ${subprotocol}`,
      description:
        'JSON text frames. A frame from the server holds one object, or an array of them to be taken in order. The first frame from the client is `connect`.',
      servers: [ref('servers/gateway')],
      messages: { ...fromClient, ...fromServer },
      bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
    },
  };
  const operations: Record<string, Json> = {
    fromClient: {
      action: 'receive',
      channel: ref('channels/socket'),
      messages: refsInto('socket', fromClient),
    },
    fromServer: { action: 'send', channel: ref('channels/socket'), messages: refsInto('socket', fromServer) },
  };
  for (const { name: topic } of topicShapes(12)) {
    const types = Object.entries(eventTypes).filter(([, each]) => each.topic === topic);
    if (types.length === 0) continue;
    const messages = Object.fromEntries(
      types.map(([type, each]) => [
        type,
        { name: type, contentType: 'application/json', payload: eventPayload(type, each.version, each.data) },
      ]),
    );
    channels[keyOf(topic)] = {
      address: topic,
      description: 'CloudEvents 1.0 JSON, keyed by `subject`.',
      servers: [ref('servers/log')],
      messages,
    };
    operations[`append-${keyOf(topic)}`] = { action: 'send', channel: ref(`channels/${keyOf(topic)}`) };
  }
  return {
    asyncapi: '3.0.0',
    id: 'urn:chatvui',
    info: {
      title: 'ChatVui',
      version,
      description: 'The frames of the socket and the events of the log.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      gateway: { host: 'localhost:3000', protocol: 'ws', description: 'The gateway; `wss` behind TLS.' },
      log: { host: 'localhost:9092', protocol: 'kafka', description: 'The event log, when it is Kafka.' },
    },
    channels,
    operations,
  };
};

/** One JSON Schema for each type in its current version, by the name of its file. A reader of the topics needs no more. */
export const eventSchemaFiles = (): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(eventTypes).map(([type, { topic, version, data }]) => [
      `${type}.v${version}.json`,
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: type,
        description: `An event of ${topic}, keyed by its subject.`,
        ...eventPayload(type, version, data),
      },
    ]),
  );

/** The events alone: each type with its topic, the current version of its data, and the JSON Schema of that. */
export const eventSchemas = (): Json => ({
  envelope: plain(Envelope),
  events: Object.fromEntries(
    Object.entries(eventTypes).map(([type, { topic, version, data }]) => [
      type,
      { topic, dataversion: version, data: plain(data) },
    ]),
  ),
});

// A consumer of one's own: counts the messages of each conversation from the beginning of the log on, and says it as JSON
// lines. Needs nothing of ChatVui but its topics: npm install kafkajs, then
//   KAFKA_BROKERS=localhost:9092 npx tsx count-messages.ts
// Stopping it (SIGTERM) and starting it again goes on where it was.
import { Kafka, logLevel } from 'kafkajs';

type Sent = {
  id: string;
  type: string;
  dataversion: number;
  subject: string;
  data: { message: { id: string } };
};

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const groupId = process.env.GROUP_ID ?? 'my-company-message-counter';
const kafka = new Kafka({ clientId: groupId, brokers, logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId });

/** A real one keeps these in its own database, in the transaction that stores what it made of the event. */
const seen = new Set<string>();
const counts = new Map<string, number>();

const count = (event: Sent): void => {
  if (event.type !== 'message.sent') return;
  if (event.dataversion > 2)
    throw new Error(`message.sent version ${event.dataversion}: read its schema first`);
  // The log may hold an event twice, and Kafka may deliver it twice: its message's id is the same in all of them.
  const { id } = event.data.message;
  if (seen.has(id)) return;
  seen.add(id);
  const messages = (counts.get(event.subject) ?? 0) + 1;
  counts.set(event.subject, messages);
  console.log(JSON.stringify({ conversationId: event.subject, messages }));
};

await consumer.connect();
await consumer.subscribe({ topics: ['chat.conversations'], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    if (message.value) count(JSON.parse(message.value.toString('utf8')) as Sent);
  },
});

process.once('SIGTERM', async () => {
  await consumer.disconnect();
  process.exit(0);
});

// The body of an answer, unpacked and bounded twice: as it came, and as it has become. Memory is bounded by `bytesMax` and
// one block more, whatever was packed into it.
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { OutboundRefusal } from './port.ts';
import { refused } from './target.ts';

export type Body = { body: Buffer; cut: boolean };

const openers = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
} as const;

/** One layer only; several are what bombs are made of. Rejects when the answer breaks off. */
export const readBody = async (
  answer: IncomingMessage,
  bytesMax: number,
  whenLarger: 'refuse' | 'cut',
): Promise<Body | OutboundRefusal> => {
  const encoding = (answer.headers['content-encoding'] ?? '').trim().toLowerCase();
  const plain = encoding === '' || encoding === 'identity';
  if (!plain && !Object.hasOwn(openers, encoding)) {
    answer.destroy();
    return refused('encoding', `The answer is packed as ${encoding.slice(0, 40)}.`);
  }
  const stream = plain ? answer : opened(answer, openers[encoding as keyof typeof openers](), bytesMax);
  const { body, over } = await gather(stream, bytesMax);
  if (!over) return { body, cut: false };
  if (whenLarger === 'refuse') return refused('too_large', `The answer has more than ${bytesMax} bytes.`);
  return { body: body.subarray(0, bytesMax), cut: true };
};

class TooMuch extends Error {}

/** What came is counted before it is unpacked. */
const opened = (answer: IncomingMessage, opener: Transform, bytesMax: number): Readable => {
  let came = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      came += chunk.byteLength;
      if (came > bytesMax) done(new TooMuch(), undefined);
      else done(null, chunk);
    },
  });
  // Failures arrive at whoever reads the end of the line.
  return pipeline(answer, counter, opener, () => {});
};

const gather = async (stream: Readable, bytesMax: number): Promise<{ body: Buffer; over: boolean }> => {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop destroys the line up to the socket.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > bytesMax) return { body: Buffer.concat(chunks), over: true };
    }
  } catch (error) {
    if (error instanceof TooMuch) return { body: Buffer.concat(chunks), over: true };
    throw error;
  }
  return { body: Buffer.concat(chunks), over: false };
};

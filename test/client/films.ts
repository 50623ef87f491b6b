// Films and sounds small enough for a test: whole containers, with a tone or with frames that nobody decodes.
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';

const formats = { mp4: () => new Mp4OutputFormat(), webm: () => new WebMOutputFormat() };
const framesPerSecond = 10;

/** 640 times 360; `rotation`: how far a player turns it. */
export const film = async (
  format: keyof typeof formats,
  { seconds = 3, rotation = 0 }: { seconds?: number; rotation?: 0 | 90 | 180 | 270 } = {},
): Promise<Buffer> => {
  const target = new BufferTarget();
  const output = new Output({ format: formats[format](), target });
  const source = new EncodedVideoPacketSource('vp9');
  output.addVideoTrack(source, { rotation });
  await output.start();
  const decoderConfig = { codec: 'vp09.00.10.08', codedWidth: 640, codedHeight: 360 };
  const frameSeconds = 1 / framesPerSecond;
  for (let frame = 0; frame < seconds * framesPerSecond; frame++) {
    const packet = new EncodedPacket(new Uint8Array(64), 'key', frame * frameSeconds, frameSeconds);
    await source.add(packet, { decoderConfig });
  }
  await output.finalize();
  return Buffer.from(target.buffer as ArrayBuffer);
};

/** One channel of 8 bits, as WAV. */
export const tone = (seconds: number): Buffer => {
  const rate = 8_000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + rate * seconds, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(rate * seconds, 40);
  const samples = Array.from({ length: rate * seconds }, (_, n) => 128 + 60 * Math.sin(n / 4));
  return Buffer.concat([head, Buffer.from(samples)]);
};

// What a log says, whatever its places are: a digest of each key's events in their order, in which every place is the
// number of the event that stands there. Two logs of the same history have the same fingerprint.
import { createHash } from 'node:crypto';
import type { LogRecord } from '../../ports/event-log/port.ts';
import { decodeEvent, encodeEvent } from '../../schemas/codec.ts';
import { PlaceMap } from './place-map.ts';
import { translate } from './translate.ts';

type Story = { count: number; digest: string; places: PlaceMap };

export class Fingerprint {
  /** By topic and key. */
  readonly #stories = new Map<string, Story>();
  #events = 0;

  take({ topic, key, offset, value }: Pick<LogRecord, 'topic' | 'key' | 'offset' | 'value'>): void {
    const name = `${topic} ${key}`;
    const story = this.#stories.get(name) ?? { count: 0, digest: '', places: new PlaceMap() };
    this.#stories.set(name, story);
    story.count += 1;
    this.#events += 1;
    const hash = createHash('sha256')
      .update(story.digest)
      .update(inOrder(story, topic, offset + 1, value));
    story.digest = hash.digest('base64');
  }

  get events(): number {
    return this.#events;
  }

  /** One digest of all. */
  get digest(): string {
    const hash = createHash('sha256');
    for (const [name, { count, digest }] of [...this.#stories].sort(([a], [b]) => (a < b ? -1 : 1)))
      hash.update(`${name} ${count} ${digest}\n`);
    return hash.digest('hex');
  }

  /** The keys whose stories differ, as `topic key: here, there`; nothing when the logs say the same. */
  differences(other: Fingerprint): string[] {
    const names = new Set([...this.#stories.keys(), ...other.#stories.keys()]);
    return [...names].flatMap((name) => {
      const [here, there] = [this.#stories.get(name), other.#stories.get(name)];
      if (here?.digest === there?.digest) return [];
      return [`${name}: ${here?.count ?? 0} events here, ${there?.count ?? 0} there`];
    });
  }
}

const inOrder = (story: Story, topic: string, place: number, value: Uint8Array): Uint8Array => {
  if (topic !== 'chat.conversations') return value;
  story.places.add(place, story.count);
  const decoded = decodeEvent(value);
  return decoded.kind === 'event' ? encodeEvent(translate(decoded.event, story.places)) : value;
};

// How fresh a view is that stands beside history: everything up to which moment is in it.
import type { Live } from './live.ts';

type Seen = Pick<Live, 'ring' | 'tailPlaces'>;

/**
 * `applied`: the view's places in chat.conversations. The time of the oldest event that this gateway has seen and the view
 * has not; now, when there is none.
 */
export const knownThrough = ({ ring, tailPlaces }: Seen, applied: number[]): string => {
  let oldest = new Date().toISOString();
  for (const [partition, place] of tailPlaces().entries()) {
    if ((applied[partition] ?? 0) >= place) continue;
    const [next] =
      ring.after(partition, applied[partition] ?? 0) ?? ring.after(partition, ring.dropped(partition)) ?? [];
    if (next && next.event.time < oldest) oldest = next.event.time;
  }
  return oldest;
};

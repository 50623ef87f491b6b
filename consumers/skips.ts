// Places that a person has told a projection to give up, as `topic/partition/offset`.

export type Skips = Set<string>;

export const placeName = (topic: string, partition: number, offset: number): string =>
  `${topic}/${partition}/${offset}`;

/** Throws with the right spelling when one is not a place. */
export const skipsOf = (places: string[]): Skips => {
  for (const place of places) {
    if (!/^[\w.-]+\/\d+\/\d+$/.test(place)) {
      throw new Error(`"${place}" is not a place to skip. Write topic/partition/offset.`);
    }
  }
  return new Set(places);
};

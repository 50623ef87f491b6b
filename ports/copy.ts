// A projection a second time, made beside the live one from the same log while people go on: compared with it piece by
// piece, put in its place, or used to mend it.

export type Difference = {
  /** The table, index or key space of the live projection. */
  table: string;
  key: (string | number)[];
  /** Of the live one: it is not there, it should not be there, or these columns have other values. */
  kind: 'missing' | 'extra' | 'different';
  columns: string[];
};

/** `W`: the projection's own writer. What was begun is found again, so that a killed rebuild goes on where it was. */
export interface ProjectionCopy<W> {
  writer: W;
  /** Next offsets applied to the copy, per partition. */
  applied(topic: string): Promise<number[]>;
  /**
   * Everything in both, side by side, while both may go on: what differs may only be late, and must be looked at again.
   * `onRows`: so many more of the copy have been looked at. Throws OutsideError `too_different` beyond 100,000.
   */
  compare(onRows: (rows: number) => void): Promise<Difference[]>;
  /** The same for these keys only. */
  recheck(suspects: Pick<Difference, 'table' | 'key'>[]): Promise<Difference[]>;
  /**
   * Nobody writes the live projection while `work` runs, which must be short. Null, and `work` did not run: it does not
   * stand at these positions (per topic, next offsets) any more.
   */
  holding<R>(at: Record<string, number[]>, work: () => Promise<R>): Promise<R | null>;
  /**
   * Inside `holding`: puts the copy in the place of the live one, which is kept aside, and makes whoever writes the live
   * one claim anew. Throws OutsideError `old_copy_kept` while what the last rebuild put aside has not been dropped.
   */
  take(): Promise<void>;
  /**
   * After `take`, which happened at these positions: everything once more as it stood in that moment, what was put aside
   * against what took its place. Null: somebody has written already, so nobody can tell any more.
   */
  compareOld(at: Record<string, number[]>, onRows: (rows: number) => void): Promise<Difference[] | null>;
  /** Inside `holding`: makes these pieces of the live one as they are here, and whoever writes it claims anew. */
  mend(differences: Difference[]): Promise<void>;
  drop(): Promise<void>;
}

/** What every projection that can be made anew offers beside its writer and reader. */
export interface Copyable<W> {
  /** What lies beside the live one. `begun`: a copy to go on with. `old`: what the last rebuild put aside. */
  beside(): Promise<{ begun: boolean; old: boolean }>;
  /** How far the one that was begun has come: next offsets, per partition. Null: none was begun. Changes nothing. */
  begunAt(topic: string): Promise<number[] | null>;
  /** The one that was begun, or a new empty one. */
  copy(): Promise<ProjectionCopy<W>>;
  /** Throws away what the last rebuild put aside. True: there was something. */
  dropOld(): Promise<boolean>;
}

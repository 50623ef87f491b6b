// A role is something that a process does until it is stopped.

export type Role = {
  name: string;
  /** Finishes what is in hand and lets go. */
  stop(): Promise<void>;
};

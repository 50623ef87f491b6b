// Who has looked wrong, and for how long without a break: one wrong look proves nothing.

export class Suspicion {
  readonly #since = new Map<string, number>();

  /** Those of `suspects` that have been suspects at every look for `graceMs`. Others are cleared. */
  look(suspects: Set<string>, nowMs: number, graceMs: number): string[] {
    for (const userId of this.#since.keys()) if (!suspects.has(userId)) this.#since.delete(userId);
    const due: string[] = [];
    for (const userId of suspects) {
      const since = this.#since.get(userId);
      if (since === undefined) this.#since.set(userId, nowMs);
      else if (nowMs - since >= graceMs) due.push(userId);
    }
    return due;
  }

  /** What was to be done about them is done: they are suspects again only after `untilMs`. */
  acquit(userIds: string[], untilMs: number): void {
    for (const userId of userIds) this.#since.set(userId, untilMs);
  }

  /** What was seen cannot be trusted: nobody is suspected any more. */
  clear(): void {
    this.#since.clear();
  }
}

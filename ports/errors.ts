// The one way in which an adapter says that the world outside failed. Mistakes of our own are thrown as they are.

export type Retry = 'later' | 'never';

export class OutsideError extends Error {
  /** Stable and machine-readable: `log_unavailable`, `log_full`, `data_dir_in_use`... */
  readonly code: string;
  /**
   * `later`: the same call may succeed without anybody's help. It may also have taken effect already, so callers repeat
   * with the same id. `never`: repeating is useless until a person changes something; the message says what.
   */
  readonly retry: Retry;

  constructor(code: string, retry: Retry, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'OutsideError';
    this.code = code;
    this.retry = retry;
  }
}

/** The cursor that somebody showed is not one of this list: their mistake, and nobody else's. */
export class ForeignCursorError extends Error {
  constructor() {
    super('This cursor is not one of ours.');
    this.name = 'ForeignCursorError';
  }
}

export const isOutsideError = (error: unknown): error is OutsideError => error instanceof OutsideError;

/** For messages: whatever was thrown, in words. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Rate limits that hold over all gateways: token buckets by name.

export type Bucket = {
  /** What is limited for whom, such as `signin:name:alice`. */
  key: string;
  /** Tokens that a full bucket holds. */
  burst: number;
  /** Tokens that come back in a second. */
  perSecond: number;
};

export type Taken = { ok: true } | { ok: false; retryAfterMs: number };

export interface RateLimit {
  /**
   * Takes one token. Never throws: while the server behind it is away, an in-process bucket of the same size decides,
   * so that limits hold per gateway instead of not at all.
   */
  take(bucket: Bucket): Promise<Taken>;
  close(): Promise<void>;
}

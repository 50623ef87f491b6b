// Requests to addresses that people supply: pages of link previews, webhooks, push endpoints. They reach the public
// internet and nothing inside (docs/security.md). What an operator configures (MySQL, S3, SMTP) does not come by here.

/** Why a request was not made, or not to its end. Nothing that was refused is worth repeating. */
export type OutboundReason =
  /** No http or https URL of at most 2048 characters, or one with a name and password in it. */
  | 'bad_url'
  /** Neither 80 nor 443. */
  | 'port'
  /** A name that is none of the public internet, or one of its addresses is not. */
  | 'private_address'
  | 'too_many_redirects'
  /** More bytes than the caller takes, as they came or unpacked. */
  | 'too_large'
  /** Packed in a way that we cannot open. */
  | 'encoding';

export type OutboundRefusal = { kind: 'refused'; reason: OutboundReason; detail: string };

export type OutboundHead = {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
};

export type OutboundAnswer = OutboundHead & {
  kind: 'answer';
  /** Where it came from after all redirects. */
  url: string;
  /** Unpacked. */
  body: Buffer;
  /** There was more than `bytesMax`, or the caller did not want the body. */
  cut: boolean;
};

export type OutboundRequest = {
  url: string;
  /** Redirects are followed for GET only; to anything else a 3xx is the answer. */
  method?: 'GET' | 'POST';
  /** To another origin than that of `url` goes only what the caller accepts. Cookies are never sent. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** From now to the last byte, over all redirects; milliseconds. */
  timeoutMs?: number;
  /** Of the body, both as it came and unpacked. */
  bytesMax?: number;
  /** `cut`: answers with the first `bytesMax` bytes. */
  whenLarger?: 'refuse' | 'cut';
  redirectsMax?: number;
  /** Looks at the head of the last answer; on false its body stays where it is. */
  wanted?: (head: OutboundHead) => boolean;
};

export const outboundBounds = {
  timeoutMs: 5_000,
  bytesMax: 1024 * 1024,
  redirectsMax: 3,
  urlLengthMax: 2048,
  headerBytesMax: 32 * 1024,
  /** At the same time in one process; one more is an OutsideError `outbound_busy`. */
  requestsMax: 64,
} as const;

export interface Outbound {
  /**
   * Only the URL itself, without asking anybody: for a form that takes one. Null: there is nothing against it yet, and
   * `request` may still refuse what its name resolves to.
   */
  check(url: string): OutboundRefusal | null;
  /**
   * Any status is an answer. The name is resolved once for each hop, every address of the answer must be public, and the
   * connection goes to one of exactly those. Throws an OutsideError with `retry: 'later'`: `outbound_timeout`,
   * `outbound_unreachable` (no such name, nobody there, TLS that does not hold, an answer that breaks off), `outbound_busy`.
   * A POST that failed may have been received.
   */
  request(request: OutboundRequest): Promise<OutboundAnswer | OutboundRefusal>;
}

// Search: the projection of messages that finds them by their words. It may be thrown away at any time; the log makes it
// again. What it finds is a message's id: what a reader is shown comes from history.
import type { SearchHas, SearchTerm } from '../../schemas/search-query.ts';
import type { Copyable } from '../copy.ts';

/** A message as the index knows it. `rev` as in its row. */
export type SearchDocument = {
  id: string;
  rev: number;
  conversationId: string;
  position: number;
  senderId: string;
  /** RFC 3339, when it was sent. */
  at: string;
  content: string;
  mentions: string[];
  has: SearchHas[];
  isReply: boolean;
};

/** A deleted message keeps its rev, so that a late older change cannot bring it back. */
export type SearchChange =
  | { kind: 'put'; document: SearchDocument }
  | { kind: 'remove'; id: string; rev: number; at: string; position: number };

export type SearchCommit = {
  topic: string;
  partition: number;
  fence: number;
  next: number;
  changes: SearchChange[];
};

/** The first offset not yet indexed; a fence that rises with every claim, so that a commit with an older one is refused. */
type Claim = { next: number; fence: number };

export interface SearchWriter {
  /** As history's claim: where this index stands. Throws OutsideError `search_other_log` for another epoch. */
  claim(topic: string, partition: number, epoch: string): Promise<Claim>;
  /**
   * Documents, then the position. A document is taken only where it is absent or its rev is older; repeating a commit
   * changes nothing. OutsideError with retry `later` when the index is away, full or busy: the whole batch comes again.
   */
  commit(batch: SearchCommit): Promise<void>;
}

/** Which places (half-open spans of them) of which conversations the reader may see. */
type Visible = 'all' | (readonly [from: number, to: number])[];
export type SearchScope = { conversationId: string; visible: Visible }[];

export type SearchRequest = {
  /** All must occur. */
  terms: SearchTerm[];
  /** None may occur, in any spelling of accents and case. */
  without: SearchTerm[];
  scope: SearchScope;
  /** Any of them; empty: nobody is meant, so nothing is found. */
  senderIds?: string[];
  /** RFC 3339; `from` inclusive, `to` exclusive. */
  from?: string;
  to?: string;
  has: SearchHas[];
  isReply?: true;
  /** All of them are mentioned. */
  mentions: string[];
  /** How well it fits comes first, or only when it was said. A cursor is of one order only. */
  sort: 'best' | 'newest';
  limit: number;
  /** The index's own opaque string; another one throws ForeignCursorError. */
  cursor?: string;
};

/**
 * How well a message's words fit; the worst word counts. `exact`: as spelt. `folded`: accents apart. `prefix`: they
 * begin with what was asked. `typo`: one letter is otherwise.
 */
export const searchTiers = ['exact', 'folded', 'prefix', 'typo'] as const;
export type SearchTier = (typeof searchTiers)[number];

export type SearchHit = { id: string; conversationId: string; position: number };

export type SearchPage = {
  /** By tier and newest first within one, or newest first among all. */
  hits: SearchHit[];
  /** Exact up to `searchTotalMax`; that many means "or more". */
  total: number;
  nextCursor: string | null;
};
export const searchTotalMax = 10_000;

export interface SearchReader {
  search(request: SearchRequest): Promise<SearchPage>;
  /** Next offsets indexed, per partition. */
  applied(topic: string): Promise<number[]>;
  /** How many messages can be found. */
  count(): Promise<number>;
}

export interface SearchIndex extends Copyable<SearchWriter> {
  writer: SearchWriter;
  reader: SearchReader;
  /** Resolves when everything committed is found: an index may refresh itself only now and then. For tests and tools. */
  refresh(): Promise<void>;
  ping(): Promise<void>;
  /** Where there is a server. */
  serverVersion?(): Promise<string>;
  close(): Promise<void>;
}

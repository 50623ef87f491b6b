// Every bound of a gateway's live part, each with what happens when it is reached.

export const liveLimits = {
  /** Recent events kept per gateway for bridging; older ones are dropped and history must have caught up that far. */
  ringEventsMax: 120_000,
  ringBytesMax: 96 * 1024 * 1024,
  /** Message ids remembered exactly, to notice a repetition in the log; older ones are found by filter and SQL. */
  recentIdsMax: 100_000,
  /** Conversations whose state is kept; those that nobody here follows go first. */
  statesMax: 20_000,
  /** Events held for one conversation while its state is loaded; beyond it its followers are closed to resync. */
  heldEventsMax: 20_000,
  /** People whose last coming or going is remembered; of others the projection alone is asked. */
  presenceHeardMax: 20_000,
  /** Commands waiting for their echo; beyond it: `overloaded`. */
  pendingMax: 50_000,
  /** How long a command waits for its echo before it answers `unavailable` (outcome unknown, same ref again). */
  echoTimeoutMs: 15_000,
  /** A gateway that has not heard the log for so long accepts nothing. */
  deafAfterMs: 5_000,
  /** How long a read waits for the projection to pass the last write. */
  freshTimeoutMs: 5_000,
  /** How long a state is waited for. */
  stateTimeoutMs: 5_000,
  /** Bytes not yet taken by the kernel for one socket; beyond it: closed 4408. */
  socketQueueBytesMax: 2 * 1024 * 1024,
  /** Bytes held for a socket while it resyncs; beyond it: closed 4408, to come back from its cursor. */
  heldBytesMax: 16 * 1024 * 1024,
  /** A resync pauses while so many bytes wait for the kernel. */
  resyncHighWaterBytes: 256 * 1024,
  resyncPageSize: 500,
  /** Resyncs that read history at the same time; others wait in line. */
  resyncsAtOnce: 8,
  /** Frames of one socket waiting to be handled; beyond it the socket is not read from. */
  inboxMax: 256,
  framesBurst: 600,
  framesPerSecond: 120,
  badFramesBurst: 50,
  badFramesPerSecond: 1,
  anonymousMs: 10_000,
  heartbeatMs: 25_000,
  /** How often devices to which nothing was written are said to be here and to have everything. */
  confirmEveryMs: 3_000,
  /** What they confirm is said together. */
  confirmGatherMs: 50,
  cursorEveryMs: 1_000,
  typingEveryMs: 2_500,
  deliveredEveryMs: 800,
} as const;

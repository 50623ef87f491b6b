// Waiting for something to become true, with a failure that says what was seen last.

const everyMs = 50;

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The first value of `look` that is not undefined or false. What it throws counts as "not yet". */
export const eventually = async <T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  timeoutMs = 5_000,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const why = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`not within ${timeoutMs} ms: ${what} (last: ${why})`);
    }
    await sleep(everyMs);
  }
};

/** A promise with an end. */
export const within = async <T>(promise: Promise<T>, timeoutMs: number, what: () => string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not within ${timeoutMs} ms: ${what()}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

// Sees that history catches up with what an import wrote, by the consumers that run elsewhere or by one of our own.
import type { Adapters } from '../adapters.ts';
import { startConsumers } from '../consumer-roles.ts';
import type { Running } from '../process.ts';
import type { Role } from '../roles.ts';

const topics = ['chat.conversations', 'chat.users'];
const pollMs = 100;
/** On the real servers the history consumer is somebody else's process: when it does not move, we lend a hand. */
const patienceMs = 5_000;

export class HistoryHelp {
  readonly #running: Running;
  #roles: Role[] = [];

  constructor(running: Running) {
    this.#running = running;
  }

  async help(): Promise<void> {
    if (this.#roles.length === 0) this.#roles = await startConsumers(['history'], this.#running, {});
  }

  async caughtUp(progress: (done: number, total: number) => void): Promise<void> {
    const { log, history } = this.#running.adapters;
    let best = -1;
    let movedAt = performance.now();
    for (;;) {
      const left = await behind({ log, history } as Adapters);
      progress(left.total - left.missing, left.total);
      if (left.missing === 0) return;
      if (left.total - left.missing > best) {
        best = left.total - left.missing;
        movedAt = performance.now();
      } else if (performance.now() - movedAt > patienceMs) {
        await this.help();
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async stop(): Promise<void> {
    for (const role of this.#roles) await role.stop();
  }
}

const behind = async ({ log, history }: Adapters): Promise<{ missing: number; total: number }> => {
  let missing = 0;
  let total = 0;
  for (const topic of topics) {
    const [ends, applied] = await Promise.all([log.endOffsets(topic), history.reader.applied(topic)]);
    for (const [partition, end] of ends.entries()) {
      total += end;
      missing += Math.max(0, end - (applied[partition] ?? 0));
    }
  }
  return { missing, total };
};

// What was heard last, laid over what is read from the store: another tab may not have written it yet.
import { comparePositions, upsert } from '../merge.ts';
import type { Message } from '../protocol.ts';

const recentMax = 2_000;

export class Recent {
  #messages: Message[] = [];

  heard(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length > recentMax) this.#messages.splice(0, recentMax / 2);
  }

  /** Nothing of it holds any more. */
  leave(conversationId: string): void {
    this.#messages = this.#messages.filter((one) => one.conversationId !== conversationId);
  }

  clear(): void {
    this.#messages = [];
  }

  /** With the newer versions that were heard; and with what came after the last row, when none of that can be missing. */
  over(
    conversationId: string,
    rows: readonly Message[],
    before: string | undefined,
    mayGrow: boolean,
  ): readonly Message[] {
    const [first] = rows;
    const end = before ?? (mayGrow ? undefined : rows.at(-1)?.position);
    if (!first) return rows;
    let joined = rows;
    for (const message of this.#messages) {
      if (message.conversationId !== conversationId) continue;
      if (comparePositions(message.position, first.position) < 0) continue;
      const fromEnd = end === undefined ? -1 : comparePositions(message.position, end);
      if (fromEnd < 0 || (fromEnd === 0 && before === undefined)) joined = upsert(joined, [message]);
    }
    return joined;
  }
}

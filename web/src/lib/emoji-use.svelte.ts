// The emoji this person used last in this browser, and the skin tone they chose.
const key = 'chatvui.emoji';
const recentMax = 27;

export class EmojiUse {
  recent = $state.raw<readonly string[]>([]);
  #tone = $state(0);

  constructor() {
    try {
      const { recent, tone } = JSON.parse(localStorage.getItem(key) ?? '{}') as {
        recent?: unknown;
        tone?: unknown;
      };
      if (Array.isArray(recent))
        this.recent = recent.filter((one) => typeof one === 'string').slice(0, recentMax);
      if (typeof tone === 'number' && tone >= 0 && tone <= 5) this.#tone = Math.trunc(tone);
    } catch {
      // Forbidden or not ours: nothing is known then.
    }
  }

  get tone(): number {
    return this.#tone;
  }

  set tone(tone: number) {
    this.#tone = tone;
    this.#store();
  }

  used(emoji: string): void {
    this.recent = [emoji, ...this.recent.filter((one) => one !== emoji)].slice(0, recentMax);
    this.#store();
  }

  #store(): void {
    try {
      localStorage.setItem(key, JSON.stringify({ recent: this.recent, tone: this.#tone }));
    } catch {
      // It then holds for this page only.
    }
  }
}

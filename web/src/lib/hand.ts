// Whether the person moves the list themselves at this moment. While they do, nothing else may: a list that is being
// measured would pull against the wheel, and the wheel would lose.

/** A wheel or a key says when it moves, not when it is done; momentum reports again before this has passed. */
const releaseMs = 250;
const scrollKeys = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' ']);

export class Hand {
  isHere = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ontake: () => void;
  readonly #onrelease: () => void;

  constructor(ontake: () => void, onrelease: () => void) {
    this.#ontake = ontake;
    this.#onrelease = onrelease;
  }

  /** An attachment: `{@attach hand.on}` on the element that scrolls. */
  readonly on = (scroller: HTMLElement): (() => void) => {
    const ended = new AbortController();
    const options = { passive: true, signal: ended.signal };
    const pass = () => {
      this.#take();
      this.#release();
    };
    scroller.addEventListener('wheel', ({ deltaY }) => deltaY !== 0 && pass(), options);
    scroller.addEventListener('keydown', ({ key }) => scrollKeys.has(key) && pass(), options);
    scroller.addEventListener('touchmove', () => this.#take(), options);
    scroller.addEventListener('touchend', () => this.#release(), options);
    scroller.addEventListener('touchcancel', () => this.#release(), options);
    // On the element itself lies its scrollbar; everything else lies in a child.
    scroller.addEventListener('pointerdown', ({ target }) => target === scroller && this.#take(), options);
    window.addEventListener('pointerup', () => this.#release(), options);
    return () => {
      clearTimeout(this.#timer);
      ended.abort();
    };
  };

  #take(): void {
    clearTimeout(this.#timer);
    this.isHere = true;
    this.#ontake();
  }

  #release(): void {
    if (!this.isHere) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.isHere = false;
      this.#onrelease();
    }, releaseMs);
  }
}

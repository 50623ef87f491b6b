// The address bar as state. Back and forward work by themselves; what the addresses mean is in place.ts.
import { hrefWith, type Place, placeOf, searchedAt } from './place.ts';

/** How many things lay over the place at an entry of the browser's history. */
const depthOf = (state: unknown): number => (state as { over?: number } | null)?.over ?? 0;

export class Route {
  #place = $state.raw<Place>({ kind: 'home' });
  #searched = $state('');
  /** The conversation that is open, and not merely what a page is about. */
  readonly conversationId = $derived(this.#place.kind === 'conversation' ? this.#place.conversationId : null);

  /** How to close what lies over the place, the uppermost last. */
  readonly #covers: (() => void)[] = [];

  constructor() {
    const read = () => {
      this.#place = placeOf(location.hash);
      const searched = searchedAt(location.hash);
      // Most links lead elsewhere and leave the results as they are.
      if (searched === null) this.#write();
      else this.#searched = searched;
    };
    addEventListener('hashchange', read);
    addEventListener('popstate', ({ state }) => this.#uncover(depthOf(state)));
    read();
    this.#uncover(depthOf(history.state));
  }

  get place(): Place {
    return this.#place;
  }

  /** What the address says is searched for. */
  get searched(): string {
    return this.#searched;
  }

  go(place: Place): void {
    if (place.kind === 'home') return this.close();
    const href = hrefWith(place, this.#searched);
    // To the same address once more: no event says so.
    if (location.hash === href) this.#place = place;
    else location.hash = href;
  }

  open(conversationId: string, messageId: string | null = null): void {
    this.go({ kind: 'conversation', conversationId, messageId });
  }

  /** Another address for the same place in the history of the browser. */
  settle(place: Place): void {
    this.#place = place;
    history.replaceState(history.state, '', hrefWith(place, this.#searched));
  }

  /** The address says from now on what is searched for, wherever one goes; '': nothing. */
  search(searched: string): void {
    if (searched === this.#searched) return;
    this.#searched = searched;
    this.#write();
  }

  /**
   * Something lies over the place from now on, at the same address, and "back" (on a phone a gesture) closes it. Answers
   * what is to be called once it has gone, whoever closed it.
   */
  cover(close: () => void): () => void {
    this.#covers.push(close);
    history.pushState({ over: this.#covers.length }, '');
    return () => {
      const index = this.#covers.indexOf(close);
      if (index < 0) return;
      this.#covers.splice(index);
      const above = depthOf(history.state) - index;
      if (above > 0) history.go(-above);
    };
  }

  close(): void {
    if (this.#place.kind === 'home') return;
    this.#place = { kind: 'home' };
    history.pushState(null, '', this.#searched ? hrefWith(this.#place, this.#searched) : location.pathname);
  }

  #uncover(depth: number): void {
    for (const close of this.#covers.splice(depth).reverse()) close();
    // An entry of what is not there any more: before a reload, or before a link in it was followed.
    if (depth > this.#covers.length) history.back();
  }

  #write(): void {
    if (searchedAt(location.hash) !== (this.#searched || null))
      history.replaceState(history.state, '', hrefWith(this.#place, this.#searched));
  }
}

// The address bar as state. Back and forward work by themselves; what the addresses mean is in place.ts.
import { hrefWith, type Place, placeOf, searchedAt } from './place.ts';

export class Route {
  #place = $state.raw<Place>({ kind: 'home' });
  #searched = $state('');
  /** The conversation that is open, and not merely what a page is about. */
  readonly conversationId = $derived(this.#place.kind === 'conversation' ? this.#place.conversationId : null);

  constructor() {
    const read = () => {
      this.#place = placeOf(location.hash);
      const searched = searchedAt(location.hash);
      // Most links lead elsewhere and leave the results as they are.
      if (searched === null) this.#write();
      else this.#searched = searched;
    };
    addEventListener('hashchange', read);
    read();
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
    history.replaceState(null, '', hrefWith(place, this.#searched));
  }

  /** The address says from now on what is searched for, wherever one goes; '': nothing. */
  search(searched: string): void {
    if (searched === this.#searched) return;
    this.#searched = searched;
    this.#write();
  }

  close(): void {
    if (this.#place.kind === 'home') return;
    this.#place = { kind: 'home' };
    history.pushState(null, '', this.#searched ? hrefWith(this.#place, this.#searched) : location.pathname);
  }

  #write(): void {
    if (searchedAt(location.hash) !== (this.#searched || null))
      history.replaceState(null, '', hrefWith(this.#place, this.#searched));
  }
}

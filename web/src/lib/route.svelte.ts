// The address bar as state. Back and forward work by themselves; what the addresses mean is in place.ts.
import { hrefOf, type Place, placeOf } from './place.ts';

export class Route {
  #place = $state.raw<Place>({ kind: 'home' });
  /** The conversation that is open, and not merely what a page is about. */
  readonly conversationId = $derived(this.#place.kind === 'conversation' ? this.#place.conversationId : null);

  constructor() {
    const read = () => {
      this.#place = placeOf(location.hash);
    };
    addEventListener('hashchange', read);
    read();
  }

  get place(): Place {
    return this.#place;
  }

  go(place: Place): void {
    if (place.kind === 'home') return this.close();
    // To the same address once more: no event says so.
    if (location.hash === hrefOf(place)) this.#place = place;
    else location.hash = hrefOf(place);
  }

  open(conversationId: string, messageId: string | null = null): void {
    this.go({ kind: 'conversation', conversationId, messageId });
  }

  /** Another address for the same place in the history of the browser. */
  settle(place: Place): void {
    history.replaceState(null, '', hrefOf(place));
    this.#place = place;
  }

  close(): void {
    if (this.#place.kind === 'home') return;
    history.pushState(null, '', location.pathname);
    this.#place = { kind: 'home' };
  }
}

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
    if (place.kind === 'home') this.close();
    else location.hash = hrefOf(place);
  }

  open(conversationId: string, messageId: string | null = null): void {
    this.go({ kind: 'conversation', conversationId, messageId });
  }

  close(): void {
    if (this.#place.kind === 'home') return;
    history.pushState(null, '', location.pathname);
    this.#place = { kind: 'home' };
  }
}

// The installed client: hands it to the service worker, and knows when a newer version is ready. Nothing is ever reloaded
// unless the person says so.

const checkEveryMs = 60 * 60_000;
const checkAtMostMs = 10 * 60_000;

export class Updates {
  isReady = $state(false);
  #registration: ServiceWorkerRegistration | null = null;
  #isAsked = false;
  #checkedAt = Date.now();

  /** Does nothing where there are no service workers, as on an origin that is not secure. */
  async watch(): Promise<void> {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    let wasControlled = serviceWorker.controller !== null;
    serviceWorker.addEventListener('controllerchange', () => {
      if (this.#isAsked) location.reload();
      // Another tab took the new version: this one still runs the old.
      else if (wasControlled) this.isReady = true;
      wasControlled = true;
    });
    try {
      const registration = await serviceWorker.register('/sw.js', { updateViaCache: 'none' });
      this.#registration = registration;
      this.#follow(registration);
      registration.addEventListener('updatefound', () => this.#follow(registration));
    } catch {
      // A browser that forbids it, or no network at the first visit: the next visit tries again.
      return;
    }
    setInterval(() => this.#check(), checkEveryMs);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#check();
    });
  }

  /** The new version takes over, and this page with it. */
  apply(): void {
    this.#isAsked = true;
    const waiting = this.#registration?.waiting;
    if (waiting) waiting.postMessage('activate');
    else location.reload();
  }

  later(): void {
    this.isReady = false;
  }

  #follow({ installing, waiting }: ServiceWorkerRegistration): void {
    const isUpdate = navigator.serviceWorker.controller !== null;
    if (waiting && isUpdate) this.isReady = true;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && isUpdate) this.isReady = true;
    });
  }

  #check(): void {
    if (Date.now() - this.#checkedAt < checkAtMostMs) return;
    this.#checkedAt = Date.now();
    void this.#registration?.update().catch(() => undefined);
  }
}

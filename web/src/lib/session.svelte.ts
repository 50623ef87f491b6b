// Who is signed in on this page. The access token lives in memory only; the refresh token is an HttpOnly cookie that
// scripts never see. Renews before expiry, and says why when a session has ended.
import type { SignedIn } from '../../../schemas/views.ts';
import { type Api, ApiProblem } from './api.ts';
import type { User } from './protocol.ts';

export type SessionState = 'starting' | 'unreachable' | 'out' | 'in';

const retryMs = 4_000;
const renewAtLeastMs = 5_000;

export class Session {
  state = $state<SessionState>('starting');
  user = $state.raw<User | null>(null);
  /** True when a session ended without the person's own doing. */
  wasEnded = $state(false);
  onToken: ((token: string) => void) | null = null;

  readonly #api: () => Api;
  #token: string | null = null;
  #expiresAt = 0;
  #renewing: Promise<boolean> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: () => Api) {
    this.#api = api;
  }

  get tokenNow(): string | null {
    return this.#token;
  }

  async start(): Promise<void> {
    await this.renew();
  }

  async register(body: { username: string; password: string; email?: string }): Promise<void> {
    this.#enter(await this.#api().register(body));
  }

  async signIn(body: { username: string; password: string }): Promise<void> {
    this.#enter(await this.#api().signIn(body));
  }

  async signOut(): Promise<void> {
    // Leaving works without the server too: the token is forgotten here in any case.
    await this.#api()
      .signOut()
      .catch(() => undefined);
    this.#leave(false);
  }

  /** A token that is good for a while yet, or null when signed out. Throws when the server cannot be asked. */
  async token(isRejected: boolean): Promise<string | null> {
    if (this.#token && !isRejected && Date.now() < this.#expiresAt - renewAtLeastMs) return this.#token;
    if (await this.renew()) return this.#token;
    if (this.state === 'out') return null;
    throw new ApiProblem({ code: 'network', status: 0, detail: 'The session could not be renewed yet.' });
  }

  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    try {
      this.#enter(await oneTabAtATime(() => this.#api().refresh()));
      return true;
    } catch (problem) {
      if (problem instanceof ApiProblem && (problem.status === 401 || problem.status === 403)) {
        this.#leave(this.state === 'in');
        return false;
      }
      if (this.state !== 'in') this.state = 'unreachable';
      this.#later(retryMs);
      return false;
    }
  }

  #enter(signedIn: SignedIn): void {
    const { user, accessToken, expiresIn } = signedIn;
    // Another tab has signed in as someone else: the cookie is theirs now, so this page starts anew.
    if (this.user && this.user.id !== user.id) return location.reload();
    this.#token = accessToken;
    this.#expiresAt = Date.now() + expiresIn * 1000;
    this.user = user;
    this.state = 'in';
    this.wasEnded = false;
    this.#later(Math.max(renewAtLeastMs, Math.min(expiresIn * 800, expiresIn * 1000 - 60_000)));
    this.onToken?.(accessToken);
  }

  #leave(wasEnded: boolean): void {
    clearTimeout(this.#timer);
    this.#token = null;
    this.user = null;
    this.wasEnded = wasEnded;
    this.state = 'out';
  }

  #later(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.renew(), Math.min(delayMs, 2 ** 31 - 1));
  }
}

/** Refreshing rotates the cookie: two tabs at once would look like a stolen token. Locks need a secure origin. */
const oneTabAtATime = async <T>(work: () => Promise<T>): Promise<T> =>
  'locks' in navigator ? await navigator.locks.request('chatvui.refresh', work) : await work();

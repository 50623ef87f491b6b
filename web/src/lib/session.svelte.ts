// Who is signed in on this page. The access token lives in memory only; the refresh token is an HttpOnly cookie that
// scripts never see. Renews before expiry, and says why when a session has ended.
import type { SignedIn } from '../../../schemas/views.ts';
import { type Api, ApiProblem } from './api.ts';
import type { User } from './protocol.ts';

export type SessionOptions = {
  api: () => Api;
  /** The person whose state this browser keeps; null: nobody's. */
  kept: () => Promise<User | null>;
  /** The cookie is this person's. */
  onEnter: (user: User) => void;
  /** Nothing of this person may stay in this browser. */
  onLeave: (userId: string) => void;
};

export type SessionState = 'starting' | 'unreachable' | 'out' | 'in';

const retryMs = 4_000;
const renewAtLeastMs = 5_000;

export class Session {
  state = $state<SessionState>('starting');
  user = $state.raw<User | null>(null);
  /** True when a session ended without the person's own doing. */
  wasEnded = $state(false);
  onToken: ((token: string) => void) | null = null;

  readonly #options: SessionOptions;
  #kept: Promise<User | null> = Promise.resolve(null);
  #token: string | null = null;
  #expiresAt = 0;
  #renewing: Promise<boolean> | null = null;
  /** How often somebody has left: what was asked for before is not theirs any more. */
  #leavings = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get tokenNow(): string | null {
    return this.#token;
  }

  /** What this browser keeps is shown while the server is asked whether the session still holds. */
  async start(): Promise<void> {
    this.#kept = this.#options.kept();
    const renewing = this.renew();
    const user = await this.#kept;
    if (user && this.state === 'starting') {
      this.user = user;
      this.state = 'in';
    }
    await renewing;
  }

  async register(body: { username: string; password: string; email?: string }): Promise<void> {
    this.#enter(await this.#options.api().register(body));
  }

  async signIn(body: { username: string; password: string }): Promise<void> {
    this.#enter(await this.#options.api().signIn(body));
  }

  async signOut(): Promise<void> {
    // Leaving works without the server too: the token is forgotten here in any case.
    await this.#options
      .api()
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

  /** The account is different: changed here or on another device. */
  async look(): Promise<void> {
    const { user } = this;
    if (!user) return;
    const now = await this.#options
      .api()
      .user(user.id)
      .catch(() => null);
    if (now && this.user?.id === now.id) this.changed(now);
  }

  /** As a change was answered. */
  changed(user: User): void {
    this.user = user;
    this.#options.onEnter(user);
  }

  /** Another tab has signed out, and clears up: were this one to do it too, it might be after the next sign-in. */
  leave(): void {
    if (this.state === 'in') this.#forget(false);
  }

  renew(): Promise<boolean> {
    if (this.state === 'out') return Promise.resolve(false);
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renew(): Promise<boolean> {
    const leavings = this.#leavings;
    try {
      const signedIn = await oneTabAtATime(() => this.#options.api().refresh());
      await this.#kept;
      if (leavings !== this.#leavings) return false;
      this.#enter(signedIn);
      return true;
    } catch (problem) {
      await this.#kept;
      if (leavings !== this.#leavings) return false;
      if (problem instanceof ApiProblem && (problem.status === 401 || problem.status === 403)) {
        this.#leave(this.state === 'in');
        return false;
      }
      if (this.state !== 'in') this.state = 'unreachable';
      // Without a token the connection asks again at its own pace, which it also tells the person.
      if (this.state !== 'in' || this.#token) this.#later(retryMs);
      return false;
    }
  }

  #enter(signedIn: SignedIn): void {
    const { user, accessToken, expiresIn } = signedIn;
    // Another tab has signed in as someone else: the cookie is theirs now, so this page starts anew.
    if (this.user && this.user.id !== user.id) {
      this.#options.onLeave(this.user.id);
      this.#options.onEnter(user);
      return location.reload();
    }
    this.#token = accessToken;
    this.#expiresAt = Date.now() + expiresIn * 1000;
    this.user = user;
    this.state = 'in';
    this.wasEnded = false;
    this.#options.onEnter(user);
    this.#later(Math.max(renewAtLeastMs, Math.min(expiresIn * 800, expiresIn * 1000 - 60_000)));
    this.onToken?.(accessToken);
  }

  #leave(wasEnded: boolean): void {
    if (this.user) this.#options.onLeave(this.user.id);
    this.#forget(wasEnded);
  }

  #forget(wasEnded: boolean): void {
    this.#leavings += 1;
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

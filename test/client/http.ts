// One HTTP door of the product, as a stranger would use it: fetch, a cookie jar, problems parsed.
import type { Problem } from '../../schemas/views.ts';

export type Answer = { status: number; headers: Headers; body: unknown };
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Asked = {
  body?: unknown;
  /** Overrides the token of the client; null sends none. */
  token?: string | null;
  headers?: Record<string, string>;
  /** Sends this text as it is. */
  raw?: string;
};

const timeoutMs = 30_000;

/** An answer that is no success, for calls that expected one. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly answer: Answer;
  constructor(asked: string, answer: Answer) {
    const problem = answer.body as Partial<Problem> | null;
    super(`${asked} answered ${answer.status} ${problem?.code ?? ''}: ${problem?.detail ?? '(no detail)'}`);
    this.status = answer.status;
    this.code = problem?.code ?? '';
    this.answer = answer;
  }
}

/** Cookies of one device. Paths are honoured, because the refresh token must go nowhere else. */
export class CookieJar {
  readonly cookies = new Map<string, { value: string; path: string; attributes: string }>();

  headerFor(path: string): string | undefined {
    const fitting = [...this.cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ') || undefined;
  }

  take(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
      if (!value || attributes.some((each) => /^max-age=0$/i.test(each))) this.cookies.delete(name);
      else this.cookies.set(name, { value, path, attributes: attributes.join('; ') });
    }
  }

  copy(): CookieJar {
    const copy = new CookieJar();
    for (const [name, cookie] of this.cookies) copy.cookies.set(name, cookie);
    return copy;
  }
}

export class HttpClient {
  readonly baseUrl: string;
  jar: CookieJar;
  token: string | null;

  constructor(baseUrl: string, options: { token?: string | null; jar?: CookieJar } = {}) {
    this.baseUrl = baseUrl;
    this.token = options.token ?? null;
    this.jar = options.jar ?? new CookieJar();
  }

  /** Whatever comes back. Throws only when nothing does. */
  async ask(method: Method, path: string, asked: Asked = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...asked.headers };
    const token = asked.token === undefined ? this.token : asked.token;
    if (token !== null) headers.authorization ??= `Bearer ${token}`;
    const cookie = this.jar.headerFor(new URL(path, this.baseUrl).pathname);
    if (cookie) headers.cookie ??= cookie;
    const text = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    if (text !== undefined) headers['content-type'] ??= 'application/json';
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    this.jar.take(response.headers);
    return {
      status: response.status,
      headers: response.headers,
      body: parsed(response, await response.text()),
    };
  }

  /** The body of a success; a `ProblemError` else. */
  async call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new ProblemError(`${method} ${path}`, answer);
    return answer.body as T;
  }
}

const parsed = (response: Response, text: string): unknown => {
  if (text === '') return null;
  return /[/+]json\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
};

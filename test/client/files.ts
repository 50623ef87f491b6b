// Files as a stranger's client sends and opens them.
import type { Media, MediaLinks, Upload } from '../../schemas/media.ts';
import type { Api } from './api.ts';
import { type Answer, ProblemError } from './http.ts';

const timeoutMs = 60_000;

export type Opened = { status: number; headers: Headers; bytes: Buffer };

const asked = (api: Api): Record<string, string> => ({ authorization: `Bearer ${api.token}` });

/** Whatever the server answers to this multipart body. */
export const tryUpload = async (api: Api, name: string, bytes: Uint8Array): Promise<Answer> => {
  const form = new FormData();
  form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
  const response = await fetch(new URL('/api/media', api.baseUrl), {
    method: 'POST',
    headers: asked(api),
    body: form,
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
};

export const upload = async (api: Api, name: string, bytes: Uint8Array): Promise<Media> => {
  const answer = await tryUpload(api, name, bytes);
  if (answer.status !== 201) throw new ProblemError(`upload of ${name}`, answer);
  return answer.body as Media;
};

/** `path`: an address with or without its own proof. */
export const openFile = async (
  api: Api,
  path: string,
  options: { headers?: Record<string, string>; token?: false; method?: string } = {},
): Promise<Opened> => {
  const response = await fetch(new URL(path, api.baseUrl), {
    method: options.method ?? 'GET',
    headers: { ...(options.token === false ? {} : asked(api)), ...options.headers },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
};

export const linkTo = async (api: Api, id: string): Promise<string> => {
  const { items } = await api.call<MediaLinks>('POST', '/api/media/links', { ids: [id] });
  const [link] = items;
  if (!link) throw new Error(`there is no link to ${id}`);
  return link.url;
};

export const beginUpload = (api: Api, name: string, size: number): Promise<Upload> =>
  api.call('POST', '/api/media/uploads', { name, size });

/** The part's bytes to its own address, which may be another server's. */
export const putPart = async (
  api: Api,
  { number, url, size }: Upload['parts'][number],
  { partSize }: Pick<Upload, 'partSize'>,
  whole: Uint8Array,
): Promise<number> => {
  const from = (number - 1) * partSize;
  const response = await fetch(new URL(url, api.baseUrl), {
    method: 'PUT',
    body: whole.subarray(from, from + size) as Uint8Array<ArrayBuffer>,
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  return response.status;
};

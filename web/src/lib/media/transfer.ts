// One file on its way to the server: a small one in one request, a large one in parts, so that a cut connection costs a part
// and not everything. It tries nothing twice by itself: who calls knows when there is a network again. No reactivity here.
import { ApiProblem } from '../api.ts';
import type { Attachment, Media, Upload } from '../protocol.ts';

/** One request with a body, whose sending can be watched. Rejects with `ApiProblem` `network`, or when it was aborted. */
export type Wire = (request: {
  method: 'POST' | 'PUT';
  url: string;
  body: Blob | FormData;
  headers: Record<string, string>;
  onSent: (bytes: number) => void;
  signal: AbortSignal;
}) => Promise<{ status: number; text: string }>;

export type TransferApi = {
  /** The header that says who asks, renewed when `isRejected`. */
  authorization: (isRejected: boolean) => Promise<string>;
  beginUpload: (about: { name: string; size: number; contentType?: string }) => Promise<Upload>;
  upload: (id: string) => Promise<Upload>;
  completeUpload: (id: string) => Promise<Media>;
};

export type Transfer = {
  api: TransferApi;
  wire: Wire;
  file: Blob;
  name: string;
  /** The upload that was begun earlier, of this very file. */
  uploadId: string | null;
  signal: AbortSignal;
  onSent: (bytes: number) => void;
  onUpload: (id: string) => void;
};

/** Up to here one request is enough. */
export const wholeMax = 8_000_000;
const partsAtOnce = 2;

/** Problems are thrown as `ApiProblem`; what was sent of a large file stays sent. */
export const transfer = (options: Transfer): Promise<Media> =>
  options.file.size <= wholeMax ? sendWhole(options) : sendParts(options);

const sendWhole = async (options: Transfer): Promise<Media> => {
  const { api, wire, file, name, signal, onSent } = options;
  const body = new FormData();
  body.append('file', file, name);
  const send = async (isRejected: boolean) =>
    wire({
      method: 'POST',
      url: '/api/media',
      body,
      headers: { accept: 'application/json', authorization: await api.authorization(isRejected) },
      onSent: (bytes) => onSent(Math.min(bytes, file.size)),
      signal,
    });
  let answer = await send(false);
  if (answer.status === 401) answer = await send(true);
  return mediaOf(answer);
};

const sendParts = async (options: Transfer): Promise<Media> => {
  const { api, file, name, onUpload } = options;
  let upload = await begun(options);
  if (!upload) {
    upload = await api.beginUpload({ name, size: file.size, ...(file.type && { contentType: file.type }) });
    onUpload(upload.id);
  }
  // The addresses of the parts have an end: those of a long upload are asked for once more.
  const { isOver } = await sendMissing(options, upload);
  if (isOver) {
    upload = await api.upload(upload.id);
    const again = await sendMissing(options, upload);
    if (again.isOver) throw new ApiProblem({ code: 'unavailable', status: 503, detail: 'No part is taken.' });
  }
  return api.completeUpload(upload.id);
};

/** The earlier upload, where the server still has it and it is of this size. */
const begun = async ({ api, uploadId, file }: Transfer): Promise<Upload | null> => {
  if (uploadId === null) return null;
  try {
    const upload = await api.upload(uploadId);
    return upload.size === file.size ? upload : null;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status >= 400 && problem.status < 500) return null;
    throw problem;
  }
};

/** A few parts at a time. `isOver`: an address was no longer taken. */
const sendMissing = async (options: Transfer, upload: Upload): Promise<{ isOver: boolean }> => {
  const { wire, file, onSent, signal } = options;
  const sent = new Map(upload.parts.map(({ number, size, received }) => [number, received ? size : 0]));
  const tell = () => onSent([...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  tell();
  const waiting = upload.parts.filter(({ received }) => !received);
  let isOver = false;
  const problems: unknown[] = [];
  const lane = async () => {
    for (let part = waiting.shift(); part && !isOver && problems.length === 0; part = waiting.shift()) {
      const { number, size, url } = part;
      const from = (number - 1) * upload.partSize;
      const answer = await wire({
        method: 'PUT',
        url,
        // Without a type, since the address is signed without one.
        body: file.slice(from, from + size, ''),
        headers: {},
        onSent: (bytes) => {
          sent.set(number, Math.min(bytes, size));
          tell();
        },
        signal,
      });
      if (answer.status === 403 || answer.status === 410) isOver = true;
      else if (answer.status >= 300) throw problemOf(answer);
      else sent.set(number, size);
      tell();
    }
  };
  // Where one was cut off another may still arrive: it is waited for, so that it need not be sent again.
  await Promise.all(
    Array.from({ length: partsAtOnce }, () => lane().catch((problem: unknown) => problems.push(problem))),
  );
  if (problems.length > 0) throw problems[0];
  return { isOver };
};

const mediaOf = (answer: { status: number; text: string }): Media => {
  if (answer.status >= 300) throw problemOf(answer);
  return JSON.parse(answer.text) as Media;
};

const problemOf = ({ status, text }: { status: number; text: string }): ApiProblem => {
  let said: { code?: unknown; detail?: unknown; title?: unknown } = {};
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    // An answer from something between us and the server.
  }
  const word = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const fallback = status === 413 ? 'payload_too_large' : status >= 500 ? 'unavailable' : 'unknown';
  return new ApiProblem({
    code: word(said.code) ?? fallback,
    status,
    detail: word(said.detail) ?? word(said.title) ?? `HTTP ${status}`,
  });
};

/** As a message carries it. */
export const attachmentOf = (media: Media): Attachment => ({
  mediaId: media.id,
  name: media.name,
  contentType: media.contentType,
  size: media.size,
  ...(media.width !== null && { width: media.width }),
  ...(media.height !== null && { height: media.height }),
  ...(media.durationMs !== null && { durationMs: media.durationMs }),
  ...(media.placeholder !== null && { placeholder: media.placeholder }),
});

/** In the browser: the one way to see how much of a body has been sent. */
export const xhrWire: Wire = ({ method, url, body, headers, onSent, signal }) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const lost = () =>
      reject(new ApiProblem({ code: 'network', status: 0, detail: 'The upload was cut off.' }));
    const abort = () => xhr.abort();
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded }) => onSent(loaded);
    xhr.onload = () => resolve({ status: xhr.status, text: xhr.responseText });
    xhr.onerror = lost;
    xhr.ontimeout = lost;
    xhr.onabort = lost;
    xhr.onloadend = () => signal.removeEventListener('abort', abort);
    // An address of another store must not be told who we are.
    xhr.withCredentials = false;
    if (signal.aborted) return lost();
    signal.addEventListener('abort', abort);
    xhr.send(body);
  });

// What a file is, by its first bytes; its name is only asked which kind of text it is.
import { open } from 'node:fs/promises';
import { fileTypeFromBuffer } from 'file-type';

const lookedAt = 64 * 1024;
const unknown = 'application/octet-stream';

/** Decoded and written anew, or refused: never handed on as they came. */
export const rasterTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/tiff',
  'image/heic',
  'image/heif',
  'image/heic-sequence',
  'image/heif-sequence',
  'image/apng',
]);

const textByName: Record<string, string> = {
  csv: 'text/csv',
  md: 'text/markdown',
  json: 'application/json',
};

export const kindOf = async (path: string, name: string): Promise<string> => {
  const head = await headOf(path);
  const found = await fileTypeFromBuffer(head);
  if (found && found.mime !== 'application/xml') return typeName(found.mime);
  return textKind(head, name) ?? unknown;
};

/** Without parameters, and nothing that would not fit a header. */
const typeName = (mime: string): string => {
  const type = (mime.split(';')[0] ?? '').trim().toLowerCase();
  return /^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/.test(type) && type.length <= 127 ? type : unknown;
};

const headOf = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(lookedAt);
    const { bytesRead } = await file.read(head, 0, lookedAt, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/** Null: no text. What a browser would take for a page or a drawing is called by that name, whatever the file is called. */
const textKind = (head: Buffer, name: string): string | null => {
  let text: string;
  try {
    // The last character may be cut in two.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell bytes from text
  if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text)) return null;
  const start = text.toLowerCase();
  if (start.includes('<svg')) return 'image/svg+xml';
  if (/<!doctype html|<(html|head|body|script|iframe|style|title|a|img|div|p|table)\b/.test(start))
    return 'text/html';
  if (start.trimStart().startsWith('<?xml')) return 'application/xml';
  return textByName[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'text/plain';
};

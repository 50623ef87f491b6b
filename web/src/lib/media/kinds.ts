// What a file in a message is to its reader: its kind, its sign, its name, its size. Pure.
import type { IconName } from '../../parts/Icon.svelte';
import type { Text } from '../i18n.ts';
import type { Attachment } from '../protocol.ts';
import { withoutBidi } from '../safe-text.ts';

export type Kind = 'picture' | 'video' | 'audio' | 'text' | 'pdf' | 'archive' | 'file';

/** The pictures that the server has made safe and small; every other one is a file to download. */
const pictures = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);
const archives = /zip|tar|x-7z|x-rar|x-xz|bzip/;

export const kindOf = ({ contentType }: Pick<Attachment, 'contentType'>): Kind => {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (pictures.has(type)) return 'picture';
  if (type.startsWith('video/')) return 'video';
  if (type.startsWith('audio/')) return 'audio';
  if (type === 'application/pdf') return 'pdf';
  // Of text only the plain kinds: markup that a browser would run is a file.
  if (type === 'text/plain' || type === 'text/csv' || type === 'text/markdown' || type === 'application/json')
    return 'text';
  return archives.test(type) ? 'archive' : 'file';
};

export const icons: Record<Kind, IconName> = {
  picture: 'picture',
  video: 'film',
  audio: 'audio',
  text: 'text',
  pdf: 'text',
  archive: 'archive',
  file: 'file',
};

const endMax = 10;

/** A name without signs that turn it round; its end is apart, since the end says what it is and may not be cut off. */
export const nameOf = (name: string): { stem: string; end: string } => {
  // Line breaks and the like are no part of a name either.
  const clean = withoutBidi(name).replace(/\p{Cc}+/gu, ' ');
  const dot = clean.lastIndexOf('.');
  const hasEnd = dot > 0 && clean.length - dot <= endMax;
  return hasEnd ? { stem: clean.slice(0, dot), end: clean.slice(dot) } : { stem: clean, end: '' };
};
export const plainName = (name: string): string => {
  const { stem, end } = nameOf(name);
  return stem + end;
};

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** As people of this language write it: 1.4 MB. */
export const sizeText = (language: string, bytes: number): string => {
  const step = Math.min(units.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
};

/** 3:07, or 1:02:00. */
export const durationText = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};

/** What stands for the files of a message where there is no room for them; null without files. */
export const gistOfFiles = (
  text: Text,
  attachments: readonly Attachment[],
): { icon: IconName; words: string } | null => {
  const [first] = attachments;
  if (!first) return null;
  const kind = kindOf(first);
  const isOne = attachments.every((one) => kindOf(one) === kind);
  if (isOne && (kind === 'picture' || kind === 'video' || kind === 'audio'))
    return { icon: icons[kind], words: text.media.counted[kind](attachments.length) };
  if (attachments.length === 1) return { icon: icons[kind], words: plainName(first.name) };
  return { icon: 'clip', words: text.media.counted.file(attachments.length) };
};

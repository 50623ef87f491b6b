// A message of one conversation as a message in another: its words as a quote, its files as they are. Pure.
import type { PendingFile } from './merge.ts';
import type { Message } from './protocol.ts';

/** `by`: a line that says whose words these are, with the name in it; its signs mean nothing here. */
export const forwarded = (content: string, by: string): string => {
  const line = by.replace(/[\\`*_~|[\]<>#@]/g, '\\$&');
  return [`*${line}*`, ...content.split('\n')].map((words) => `> ${words}`.trimEnd()).join('\n');
};

/** The server has them already. */
export const forwardedFiles = ({ attachments }: Pick<Message, 'attachments'>): PendingFile[] =>
  attachments.map((media) => ({
    key: media.mediaId,
    name: media.name,
    contentType: media.contentType,
    size: media.size,
    width: media.width ?? null,
    height: media.height ?? null,
    media,
  }));

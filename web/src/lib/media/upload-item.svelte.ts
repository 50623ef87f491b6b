// One file that somebody wants to send: where it is on its way.
import type { PendingFile } from '../merge.ts';
import type { Attachment } from '../protocol.ts';

/**
 * `waiting`: for a network, then it goes on by itself; `elsewhere`: another window of this browser sends it; `missing`: the
 * page was loaded anew and the file was too large to be kept, so it must be chosen once more.
 */
export type UploadState =
  | 'elsewhere'
  | 'queued'
  | 'sending'
  | 'waiting'
  | 'finishing'
  | 'done'
  | 'failed'
  | 'missing';

export class UploadItem {
  readonly key: string;
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  width = $state<number | null>(null);
  height = $state<number | null>(null);
  state = $state<UploadState>('queued');
  /** Bytes that have left. */
  sent = $state(0);
  failure = $state.raw<{ code: string; detail: string } | null>(null);
  media = $state.raw<Attachment | null>(null);
  /** An address within the page that shows it. */
  preview = $state<string | null>(null);
  /** A reload does not lose it. */
  isKept = $state(false);
  file: Blob | null;
  uploadId: string | null = null;
  attempts = 0;
  readonly stop = new AbortController();

  constructor(about: PendingFile, file: Blob | null) {
    this.key = about.key;
    this.name = about.name;
    this.contentType = about.contentType;
    this.size = about.size;
    this.width = about.width;
    this.height = about.height;
    this.media = about.media;
    this.file = file;
    if (about.media) this.state = 'done';
  }

  get about(): PendingFile {
    const { key, name, contentType, size, width, height, media } = this;
    return { key, name, contentType, size, width, height, media };
  }

  /** From 0 to 1. */
  get share(): number {
    return this.state === 'done' ? 1 : Math.min(1, this.sent / Math.max(1, this.size));
  }
}

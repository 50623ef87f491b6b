// What a file is by its bytes, and for a picture what everybody may see of it. What strangers send is opened in a process of
// its own, with bounds on its time and memory: nothing that it does there hurts anybody else.

export type Inspected =
  /** Kept as it is. Of a film and a sound what its container says of it, where that can be read; pixels as shown. */
  | {
      kind: 'file';
      contentType: string;
      width: number | null;
      height: number | null;
      durationMs: number | null;
    }
  /** Made anew from its pixels: upright, without a word about where and with what it was taken. */
  | {
      kind: 'image';
      contentType: string;
      /** With a dot; the name that fits `contentType`. */
      extension: string;
      width: number;
      height: number;
      /** thumbhash, base64 */
      placeholder: string;
    }
  | { kind: 'refused'; code: 'unsupported_media' | 'broken_image'; detail: string };

/** Where the pictures are written to; of another kind of file nothing is. */
export type ImagePaths = { original: string; thumb: string; preview: string };

export interface Inspection {
  /**
   * One after the other. Takes at most `timeoutMs` each and never throws for what is in the file; OutsideError
   * `inspection_busy` (retry later) when too many wait.
   */
  inspect(path: string, name: string, into: ImagePaths): Promise<Inspected>;
  close(): Promise<void>;
}

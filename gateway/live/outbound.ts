// Serialise once, write many. All frames for a socket within one turn of the event loop go out as one WebSocket frame,
// an array; sockets that are to get the same frames share the same bytes.

/** One server frame, serialised when it was made. */
export class Frame {
  readonly json: string;
  constructor(json: string) {
    this.json = json;
  }
  static of(value: object): Frame {
    return new Frame(JSON.stringify(value));
  }
}

/** A list of frames as a path in a tree: equal lists are the same node, so that their bytes are made once. */
class Path {
  readonly #before: Path | null;
  readonly #frame: Frame | null;
  readonly length: number;
  #bytes: Buffer | null = null;
  #nextFrame: Frame | null = null;
  #next: Path | null = null;
  #others: Map<Frame, Path> | null = null;

  constructor(before: Path | null, frame: Frame | null) {
    this.#before = before;
    this.#frame = frame;
    this.length = before ? before.length + 1 : 0;
  }

  with(frame: Frame): Path {
    if (this.#nextFrame === frame) return this.#next as Path;
    if (!this.#nextFrame) {
      this.#nextFrame = frame;
      this.#next = new Path(this, frame);
      return this.#next;
    }
    this.#others ??= new Map();
    let path = this.#others.get(frame);
    if (!path) {
      path = new Path(this, frame);
      this.#others.set(frame, path);
    }
    return path;
  }

  bytes(): Buffer {
    if (this.#bytes) return this.#bytes;
    if (this.length === 1) {
      this.#bytes = Buffer.from((this.#frame as Frame).json);
    } else {
      const parts = new Array<string>(this.length);
      let path: Path = this;
      for (let i = this.length - 1; i >= 0; i--) {
        parts[i] = (path.#frame as Frame).json;
        path = path.#before as Path;
      }
      this.#bytes = Buffer.from(`[${parts.join(',')}]`);
    }
    return this.#bytes;
  }
}

/** Where the bytes go: one socket. */
export type Sink = { write(bytes: Buffer): void };

/** One socket's frames of this turn. Belongs to the Outbound that made it. */
export class Outlet {
  readonly sink: Sink;
  path: Path | null = null;
  constructor(sink: Sink) {
    this.sink = sink;
  }
}

export class Outbound {
  #root = new Path(null, null);
  #dirty: Outlet[] = [];

  send(outlet: Outlet, frame: Frame): void {
    if (outlet.path) {
      outlet.path = outlet.path.with(frame);
      return;
    }
    outlet.path = this.#root.with(frame);
    this.#dirty.push(outlet);
    if (this.#dirty.length === 1) setImmediate(() => this.flush());
  }

  /** Writes everything that waits. Called once a turn by itself, and before a socket is closed. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#root = new Path(null, null);
    for (const outlet of dirty) {
      const { path } = outlet;
      outlet.path = null;
      if (path) outlet.sink.write(path.bytes());
    }
  }
}

// The thread that owns the file (role `write`: lock, transactions) or reads pages from it (role `read`).
import { parentPort, workerData } from 'node:worker_threads';
import { isOutsideError, reasonOf } from '../errors.ts';
import { isDiskFull, type Sqlite } from '../sqlite.ts';
import { lockFolder } from './embedded-lock.ts';
import type { Answer, Fault, Opened, Request, WorkerData } from './embedded-protocol.ts';
import { EmbeddedReader } from './embedded-read.ts';
import { EmbeddedStore } from './embedded-store.ts';

const port = parentPort;
if (port === null) throw new Error('embedded-worker.ts runs as a worker thread');
const { dir, role, pruneEveryMs } = workerData as WorkerData;

const faultOf = (error: unknown): Fault => {
  if (isOutsideError(error)) return { code: error.code, retry: error.retry, message: error.message };
  if (isDiskFull(error)) {
    return { code: 'log_full', retry: 'later', message: `The disk of ${dir} is full: make room.` };
  }
  return { code: 'log_io', retry: 'later', message: `The log in ${dir} failed: ${reasonOf(error)}` };
};

type Roles = { store?: EmbeddedStore; lock?: Sqlite; reader?: EmbeddedReader };

const open = (): Roles => {
  if (role === 'read') return { reader: new EmbeddedReader(dir) };
  const lock = lockFolder(dir);
  try {
    return { lock, store: new EmbeddedStore(dir) };
  } catch (error) {
    lock.close();
    throw error;
  }
};

const start = (roles: Roles): void => {
  let pruning: NodeJS.Timeout | undefined;
  const prune = (): void => {
    let more = false;
    try {
      more = roles.store?.prune(Date.now()) ?? false;
    } catch {
      // A full disk shows itself to the writers; removing is tried again next time.
    }
    // In steps with a pause between them: appends that arrived meanwhile go first.
    pruning = setTimeout(prune, more ? 20 : pruneEveryMs);
  };
  if (roles.store !== undefined) pruning = setTimeout(prune, pruneEveryMs);

  const handle = (request: Request): unknown => {
    const { store, reader } = roles;
    if (request.kind === 'append') return store!.append(request.ask.groups, request.ask.bytes);
    if (request.kind === 'read') return reader!.read(request.ask);
    if (request.kind === 'ensure') return store!.ensure(request.ask.topics);
    if (request.kind === 'describe') return store!.describe();
    if (request.kind === 'epoch') return store!.epoch();
    clearTimeout(pruning);
    store?.close();
    reader?.close();
    roles.lock?.close();
    return null;
  };

  port.on('message', (request: Request) => {
    try {
      const answer = handle(request);
      const transfer =
        request.kind === 'read' ? [(answer as { bytes: Uint8Array<ArrayBuffer> }).bytes.buffer] : [];
      port.postMessage({ id: request.id, answer } satisfies Answer, transfer);
      if (request.kind === 'close') port.close();
    } catch (error) {
      port.postMessage({ id: request.id, fault: faultOf(error) } satisfies Answer);
    }
  });
};

try {
  const roles = open();
  start(roles);
  port.postMessage({ opened: true } satisfies Opened);
} catch (error) {
  port.postMessage({ opened: false, fault: faultOf(error) } satisfies Opened);
  port.close();
}

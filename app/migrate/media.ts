// Files move one by one: what is known of each, and its bytes. What is there already is passed over, so a killed copy goes
// on where it was. What shows them is not moved: it is made anew from the log.
import {
  type BlobPart,
  type Blobs,
  blobParts,
  type MediaRecord,
  type MediaRecords,
  type Spool,
} from '../../ports/media/port.ts';

export type MediaSide = { records: MediaRecords; blobs: Blobs; spool: Spool };

const pageSize = 100;
const idleMs = 60_000;

/** Answers how many files the target has then. */
export const copyMedia = async (
  from: MediaSide,
  to: MediaSide,
  onFile: (done: number) => void,
): Promise<number> => {
  let files = 0;
  for (let after = ''; ; ) {
    const page = await from.records.page({ after, limit: pageSize });
    for (const record of page) {
      for (const part of record.file?.hasVariants ? blobParts : (['original'] as const))
        await copyBlob(from, to, record, part);
      // After its bytes: a record promises them.
      await to.records.takeMoved([record]);
      files += 1;
      onFile(files);
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize) return files;
    after = last.id;
  }
};

const copyBlob = async (
  from: MediaSide,
  to: MediaSide,
  { id, name }: MediaRecord,
  part: BlobPart,
): Promise<void> => {
  const bytes = await from.blobs.get(id, part);
  if (!bytes) throw new Error(`The bytes of the file ${id} (${name}, ${part}) are not where they should be.`);
  const there = await to.blobs.get(id, part);
  there?.stream.destroy();
  if (there?.size === bytes.size) {
    bytes.stream.destroy();
    return;
  }
  const spooled = await to.spool.take(bytes.stream, { bytesMax: bytes.size, idleMs });
  if (typeof spooled !== 'object') throw new Error(`The file ${id} (${name}, ${part}) cannot be read.`);
  await to.blobs.put(id, part, spooled.path);
  await to.spool.discard(spooled.path);
};

/** On one machine files lie in the folder, or in the store that was configured there too. */
export const folderFirst = (folder: Blobs, store: Blobs | null): Blobs => ({
  ...folder,
  get: async (...asked) => (await folder.get(...asked)) ?? (await store?.get(...asked)) ?? null,
});

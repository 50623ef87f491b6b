// Which of the files that somebody picked, pasted or dropped can be sent: told before anything is uploaded. Pure.
import { limits } from '../../../../schemas/limits.ts';

export type Refused = { name: string; why: 'too_large' | 'empty' | 'too_many' };

/** What a file of the picker is here; a folder that was dropped looks like an empty file. */
type Picked = Pick<File, 'name' | 'size'>;

export const pick = <T extends Picked>(
  files: readonly T[],
  { already, bytesMax }: { already: number; bytesMax: number },
): { taken: T[]; refused: Refused[] } => {
  const taken: T[] = [];
  const refused: Refused[] = [];
  for (const file of files) {
    if (file.size === 0) refused.push({ name: file.name, why: 'empty' });
    else if (file.size > bytesMax) refused.push({ name: file.name, why: 'too_large' });
    else if (already + taken.length >= limits.attachmentsMax)
      refused.push({ name: file.name, why: 'too_many' });
    else taken.push(file);
  }
  return { taken, refused };
};

/** What the clipboard has beside its text: a table that was copied comes as words and as a picture, and words were meant. */
export const pastedFiles = (data: Pick<DataTransfer, 'files' | 'types'> | null): File[] =>
  !data || data.types.includes('text/plain') ? [] : [...data.files];

/** A picture that was pasted is called like every other one; the moment says which it is. */
export const pastedName = (name: string, type: string, now: Date): string => {
  if (!/^image\.\w+$/i.test(name)) return name;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.');
  return `${day} ${time}.${type.split('/')[1]?.replace('jpeg', 'jpg') ?? 'png'}`;
};

/** A folder comes as a file that nobody can read: as an empty one it is told apart. */
export const droppedFiles = (data: Pick<DataTransfer, 'items'> | null): File[] =>
  [...(data?.items ?? [])].flatMap((item) => {
    const file = item.getAsFile();
    if (!file) return [];
    return item.webkitGetAsEntry?.()?.isDirectory ? new File([], file.name) : file;
  });

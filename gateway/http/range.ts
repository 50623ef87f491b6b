// One range of bytes (RFC 9110, 14). Of several at once the whole is answered, which is always right.
import type { ByteRange } from '../../ports/media/port.ts';

const pattern = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** Null: answer the whole. */
export const rangeOf = (header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null => {
  const found = pattern.exec(header?.replaceAll(' ', '') ?? '');
  if (!found) return null;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start > end || (first === '' && Number(last) === 0) ? 'unsatisfiable' : { start, end };
};

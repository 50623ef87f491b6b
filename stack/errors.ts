/** Something that the reader can mend: printed without a stack trace. */
export class StackError extends Error {
  override name = 'StackError';
}

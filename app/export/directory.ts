// An export as a folder: one document for each conversation, by a name that a person recognises.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../arguments.ts';
import { fileOutput } from './output.ts';
import { conversationOf, type Telling, type TellOptions, tell } from './told.ts';

/** With the rest of the name less than what a file system takes, in whatever script. */
const titleBytesMax = 150;
const idShown = 8;

/** Letters and digits of any script; nothing that a file system or a shell gives a meaning. */
export const fileNameOf = (title: string, id: string, ending: string): string => {
  let name = '';
  for (const character of title.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')) {
    if (Buffer.byteLength(name + character) > titleBytesMax) break;
    name += character;
  }
  return `${[name.replace(/^-+|-+$/g, ''), id].filter(Boolean).join('-')}.${ending}`;
};

/** Made when it is missing; one that holds something is refused without `force`. */
export const emptyDirectory = (directory: string, force: boolean): void => {
  if (existsSync(directory) && readdirSync(directory).length > 0 && !force)
    throw new UsageError(`${directory} is not empty. Name another folder, or add --force.`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
};

/** Each document is whole or not there. */
export const tellEach = async (
  telling: Telling,
  options: Omit<TellOptions, 'write' | 'title'>,
  { directory, ending, force }: { directory: string; ending: string; force: boolean },
): Promise<{ messages: number; documents: number }> => {
  const { reader, onlyOf, conversationIds, progress } = options;
  const names = new Set<string>();
  let messages = 0;
  for (const [index, id] of conversationIds.entries()) {
    const conversation = await conversationOf(reader, id, onlyOf);
    if (!conversation) continue;
    const { title } = conversation;
    const short = fileNameOf(title, id.slice(0, idShown), ending);
    const name = names.has(short) ? fileNameOf(title, id, ending) : short;
    names.add(name);
    const output = fileOutput(join(directory, name), force);
    try {
      const write = (text: string) => output.write(text);
      const told = await tell(telling, {
        ...options,
        conversationIds: [id],
        title,
        write,
        progress: () => undefined,
      });
      messages += told.messages;
      await output.done();
    } catch (error) {
      output.abandon();
      throw error;
    }
    progress('writing', index + 1, conversationIds.length);
  }
  return { messages, documents: names.size };
};

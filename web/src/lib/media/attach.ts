// What happens when somebody picks, pastes or drops files: those that can be sent lie beside the draft, of the others it is
// said at once why not.
import type { Chat } from '../chat.svelte.ts';
import type { Settings } from '../settings.svelte.ts';
import type { Toasts } from '../toasts.svelte.ts';
import { plainName, sizeText } from './kinds.ts';
import { pastedName, pick } from './picked.ts';

export type Attaching = { chat: Chat; toasts: Toasts; settings: Settings };

export const attach = async (
  { chat, toasts, settings }: Attaching,
  conversationId: string,
  files: readonly File[],
): Promise<void> => {
  await chat.media.askLimits();
  const { uploads, fileBytesMax } = chat.media;
  const words = settings.text.media;
  const { taken, refused } = pick(files, {
    already: uploads.tray(conversationId).length,
    bytesMax: fileBytesMax,
  });
  uploads.attach(
    conversationId,
    taken.map((file) => ({ file, name: pastedName(file.name, file.type, new Date()) })),
  );
  for (const { name, why } of refused) {
    const shown = plainName(name);
    if (why === 'too_many') toasts.say(words.tooMany);
    else if (why === 'empty') toasts.say(words.empty(shown));
    else toasts.say(words.tooLarge(shown, sizeText(settings.language, fileBytesMax)));
  }
};

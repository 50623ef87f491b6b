// Asks once in each browser whether it may push, when the person has just sent something and may wait for an answer. The
// browser's own question comes only after a yes.
import { noticeWords } from './notice-words.ts';
import { permission } from './notifier.ts';
import { type PushPerson, pushState, turnOn } from './push.ts';
import type { Settings } from './settings.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

const offeredKey = 'chatvui.push-offered';

/** Not twice, and not to who has answered the browser already. */
export const mayOffer = async ({ api, userId }: PushPerson): Promise<boolean> => {
  try {
    if (localStorage.getItem(offeredKey) !== null || permission() !== 'default') return false;
    if ((await pushState(userId)) !== 'off' || (await api.pushKey()).publicKey === null) return false;
    // Of several tabs the first one.
    if (localStorage.getItem(offeredKey) !== null) return false;
    localStorage.setItem(offeredKey, 'yes');
    return true;
  } catch {
    // No answer, or nothing can be remembered: then it would be asked for ever.
    return false;
  }
};

export const offerPush = (person: PushPerson, settings: Settings, toasts: Toasts): void => {
  const words = noticeWords(settings.language);
  const accept = async () => {
    const state = await toasts.attempt(() => turnOn(person));
    if (state) toasts.say(words.turnedOn[state], { isNews: state === 'on' });
  };
  toasts.say(words.offer, {
    isNews: true,
    actions: [
      { label: words.offerYes, onclick: () => void accept() },
      { label: words.offerNo, onclick: () => toasts.say(words.offerLater, { isNews: true }) },
    ],
  });
};

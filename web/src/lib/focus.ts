// Focus for an element that is drawn a little later: a list shows only what is on screen. And for when what had it is gone.
import { tick } from 'svelte';

const framesMax = 30;

export const focusWhenDrawn = async (
  within: () => ParentNode | undefined,
  selector: string,
): Promise<void> => {
  for (let frame = 0; frame < framesMax; frame += 1) {
    await new Promise(requestAnimationFrame);
    const found = within()?.querySelector<HTMLElement>(selector);
    if (found) return found.focus({ preventScroll: true });
  }
};

/** When nothing has the focus any more: the first of these that can be seen. */
export const focusWhenLost = async (...selectors: string[]): Promise<void> => {
  await tick();
  await new Promise(requestAnimationFrame);
  if (document.activeElement !== document.body) return;
  for (const selector of selectors) {
    const found = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.checkVisibility());
    if (found) return found.focus({ preventScroll: true });
  }
};

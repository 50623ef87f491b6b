// Focus for an element that is drawn a little later: a list shows only what is on screen.
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

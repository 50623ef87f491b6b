// Where a popover stands: beside what opened it, inside the window.
const margin = 8;
const gap = 6;

/** Above when there is room, else below. In the top layer, so that nothing paints over it. */
export const placeBeside = (panel: HTMLElement, anchor: DOMRect): void => {
  const { width, height } = panel.getBoundingClientRect();
  const above = anchor.top - height - gap;
  const top = above > margin ? above : anchor.bottom + gap;
  const left = anchor.left + anchor.width / 2 - width / 2;
  panel.style.left = `${Math.max(margin, Math.min(innerWidth - width - margin, left))}px`;
  panel.style.top = `${Math.max(margin, Math.min(innerHeight - height - margin, top))}px`;
};

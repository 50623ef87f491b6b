// Puts text on the clipboard. Browsers give it to secure pages only: elsewhere the person is shown the text to copy.

/** True when it is on the clipboard. */
export const copy = async (text: string, label: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    prompt(label, text);
    return false;
  }
};

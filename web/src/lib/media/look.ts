// A look at a picture that somebody picked: how large it is, and an address to show it by. Only the browser can do this.

/** Null: this browser cannot show it, which says nothing of whether it can be sent. The address is to be given back. */
export const lookAt = async (
  file: Blob,
): Promise<{ preview: string; width: number; height: number } | null> => {
  const preview = URL.createObjectURL(file);
  const image = new Image();
  image.src = preview;
  try {
    await image.decode();
    return { preview, width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    URL.revokeObjectURL(preview);
    return null;
  }
};

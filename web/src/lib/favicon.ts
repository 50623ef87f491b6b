// The mark in the browser's tab, with a dot when something is unread. Drawn, because the number changes.
const size = 64;
const drawEveryMs = 300;
/** More is shown as this many. */
const countMax = 99;
let drawn: string | null = null;
let shown = 0;
let latest = 0;
let isDue = false;

const link = (): HTMLLinkElement | null => document.querySelector('link[rel="icon"]');
const plain = '/mark.svg';

const draw = async (count: number): Promise<string | null> => {
  const image = new Image(size, size);
  image.src = plain;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.drawImage(image, 0, 0, size, size);
  pen.fillStyle = '#c62828';
  pen.beginPath();
  pen.arc(size - 20, 20, 20, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.font = `bold ${count > 9 ? 24 : 30}px sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(String(count), size - 20, 21);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  return blob && URL.createObjectURL(blob);
};

const show = async (count: number): Promise<void> => {
  const icon = link();
  if (!icon || count === shown) return;
  shown = count;
  const next = count > 0 ? await draw(count).catch(() => null) : null;
  // Another one was begun meanwhile.
  if (shown !== count) return void (next && URL.revokeObjectURL(next));
  icon.type = next ? 'image/png' : 'image/svg+xml';
  icon.href = next ?? plain;
  if (drawn) URL.revokeObjectURL(drawn);
  drawn = next;
};

/** However fast the number changes it is drawn so often; where it cannot be drawn the mark stays, and the title says it too. */
export const showUnread = (count: number): void => {
  latest = Math.min(count, countMax);
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    void show(latest);
  }, drawEveryMs);
};

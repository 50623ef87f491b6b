// How the pictures of one message stand together: rows of equal height, as wide as the message. Everything follows from the
// sizes that are known before a picture has been loaded, so nothing moves when it comes. Pure.

export type Sized = { width?: number | null; height?: number | null };

/** Wider or taller ones are cut at the edges; the viewer shows them whole. */
const ratioMin = 0.5;
const ratioMax = 2.4;
const widthMax = 420;
const heightMax = 400;
const widthMin = { one: 120, several: 260 };

export const ratioOf = ({ width, height }: Sized): number =>
  width && height ? Math.min(ratioMax, Math.max(ratioMin, width / height)) : 1;

/** How many stand in each row, by how many there are. */
const rowsByCount: readonly number[][] = [
  [],
  [1],
  [2],
  [1, 2],
  [2, 2],
  [2, 3],
  [3, 3],
  [2, 2, 3],
  [2, 3, 3],
  [3, 3, 3],
  [2, 2, 3, 3],
];

export type GalleryRow<T> = {
  /** Width by height of the whole row. */
  ratio: number;
  tiles: { item: T; share: number }[];
};

export const galleryOf = <T extends Sized>(items: readonly T[]): GalleryRow<T>[] => {
  const counts = rowsByCount[items.length] ?? Array.from({ length: Math.ceil(items.length / 3) }, () => 3);
  const rows: GalleryRow<T>[] = [];
  let at = 0;
  for (const count of counts) {
    const tiles = items.slice(at, at + count).map((item) => ({ item, share: ratioOf(item) }));
    at += count;
    if (tiles.length > 0) rows.push({ ratio: tiles.reduce((sum, { share }) => sum + share, 0), tiles });
  }
  return rows;
};

/** In CSS pixels, where there is room: not so wide that all of it would be very high, and one picture no larger than it is. */
export const galleryWidth = (items: readonly Sized[]): number => {
  const [first, second] = items;
  const rows = galleryOf(items).reduce((sum, { ratio }) => sum + 1 / ratio, 0);
  const fits = Math.min(widthMax, heightMax / rows);
  if (second || !first) return Math.round(Math.max(widthMin.several, fits));
  return Math.round(Math.max(widthMin.one, Math.min(fits, first.width || widthMax)));
};

import { describe, expect, test } from 'vitest';
import { limits } from '../../../../schemas/limits.ts';
import { cropScaleMax, middle, moved, squareOf } from './crop.ts';
import { galleryOf, galleryWidth, ratioOf } from './gallery.ts';
import { droppedFiles, pastedFiles, pastedName, pick } from './picked.ts';
import { sourcesOf } from './sources.ts';
import { fitted, scaleMax, whole, within, zoomed } from './zoom.ts';

describe('A gallery', () => {
  test('given up to ten pictures, then all stand in rows of two or three, in their order', () => {
    for (let count = 1; count <= limits.attachmentsMax; count += 1) {
      const items = Array.from({ length: count }, (_, index) => ({ width: 100 + index, height: 100 }));
      const rows = galleryOf(items);
      expect(rows.flatMap(({ tiles }) => tiles.map(({ item }) => item))).toEqual(items);
      for (const { ratio, tiles } of rows) {
        expect(tiles.length).toBeLessThanOrEqual(3);
        expect(ratio).toBeCloseTo(tiles.reduce((sum, { share }) => sum + share, 0));
      }
    }
    expect(galleryOf([])).toEqual([]);
    expect(galleryOf(Array.from({ length: 11 }, () => ({}))).flatMap(({ tiles }) => tiles)).toHaveLength(11);
  });

  test('given one picture, then it is no larger than it is, and one that is very long is cut', () => {
    expect(galleryWidth([{ width: 200, height: 100 }])).toBe(200);
    expect(galleryWidth([{ width: 4_000, height: 3_000 }])).toBe(420);
    expect(galleryWidth([{ width: 1_000, height: 4_000 }])).toBe(200);
    expect(galleryWidth([{ width: 1, height: 1 }])).toBe(120);
    const ten = (width: number, height: number) => Array.from({ length: 10 }, () => ({ width, height }));
    expect([galleryWidth(ten(1, 9)), galleryWidth(ten(3, 2))]).toEqual([260, 360]);
    expect([
      ratioOf({ width: 9_000, height: 10 }),
      ratioOf({ width: 10, height: 9_000 }),
      ratioOf({}),
    ]).toEqual([2.4, 0.5, 1]);
  });

  test('given the sizes that the server keeps, then each is offered with its true width', () => {
    const urls = { thumb: 't', preview: 'p' };
    expect(sourcesOf(urls, { width: 4_000, height: 3_000 })).toBe('t 320w, p 1280w');
    expect(sourcesOf(urls, { width: 3_000, height: 4_000 })).toBe('t 240w, p 960w');
    expect(sourcesOf(urls, { width: 200, height: 100 })).toBeUndefined();
    expect(sourcesOf(urls, {})).toBeUndefined();
  });
});

describe('Files that were picked', () => {
  const file = (name: string, size: number) => ({ name, size });

  test('given some that cannot be sent, then each is named with the reason, before anything is uploaded', () => {
    const files = [file('a', 1), file('empty', 0), file('large', 101), file('b', 100)];
    expect(pick(files, { already: 0, bytesMax: 100 })).toEqual({
      taken: [files[0], files[3]],
      refused: [
        { name: 'empty', why: 'empty' },
        { name: 'large', why: 'too_large' },
      ],
    });
    const { taken, refused } = pick(files.slice(0, 1).concat(file('c', 1)), { already: 9, bytesMax: 100 });
    expect([taken.length, refused]).toEqual([1, [{ name: 'c', why: 'too_many' }]]);
  });

  test('given a folder that was dropped, then it is an empty file, which is said not to be sent', () => {
    const dropped = (name: string, isDirectory: boolean) => ({
      getAsFile: () => new File(['x'], name),
      webkitGetAsEntry: () => ({ isDirectory }),
    });
    const words = { getAsFile: () => null };
    const items = [dropped('folder', true), dropped('file', false), words] as unknown as DataTransferItemList;
    expect(droppedFiles({ items }).map(({ name, size }) => [name, size])).toEqual([
      ['folder', 0],
      ['file', 1],
    ]);
  });

  test('given a clipboard, then words go before pictures, since a table brings both', () => {
    const picture = new File(['x'], 'image.png', { type: 'image/png' });
    const files = [picture] as unknown as FileList;
    expect(pastedFiles({ files, types: ['Files', 'text/html'] })).toEqual([picture]);
    expect(pastedFiles({ files, types: ['text/plain', 'Files'] })).toEqual([]);
    expect(pastedFiles(null)).toEqual([]);
    expect(droppedFiles(null)).toEqual([]);
    expect(pastedName('image.png', 'image/png', new Date(2026, 0, 2, 3, 4, 5))).toBe(
      '2026-01-02 03.04.05.png',
    );
    expect(pastedName('beach.jpg', 'image/jpeg', new Date())).toBe('beach.jpg');
  });
});

describe('A picture that is looked at closely', () => {
  const stage = { width: 1_000, height: 500 };
  const shown = fitted({ width: 2_000, height: 2_000 }, stage);

  test('given a picture, then it fits the stage and is never made larger by that', () => {
    expect(shown).toEqual({ width: 500, height: 500 });
    expect(fitted({ width: 10, height: 20 }, stage)).toEqual({ width: 10, height: 20 });
  });

  test('given a point, when it is made larger there, then that point stays where it is', () => {
    const point = { x: 100, y: 50 };
    const at = zoomed(whole, 4, point, shown, stage);
    expect((point.x - at.x) / at.scale).toBeCloseTo(point.x);
    expect((point.y - at.y) / at.scale).toBeCloseTo(point.y);
  });

  test('given any wish, then the picture stays on the stage and within its bounds', () => {
    expect(within({ scale: 1, x: 400, y: -400 }, shown, stage)).toEqual(whole);
    expect(within({ scale: 4, x: 9_999, y: -9_999 }, shown, stage)).toEqual({ scale: 4, x: 500, y: -750 });
    expect(zoomed(whole, 1_000, { x: 0, y: 0 }, shown, stage).scale).toBe(scaleMax);
    expect(zoomed({ scale: 2, x: 40, y: 40 }, 0.01, { x: 0, y: 0 }, shown, stage)).toEqual(whole);
  });
});

describe('The square part of a picture', () => {
  const size = { width: 400, height: 200 };

  test('given nothing chosen, then it is the middle, as much as a square can show', () => {
    expect(squareOf(middle, size)).toEqual({ left: 100, top: 0, side: 200 });
  });

  test('given any movement, then it stays within the picture and comes back at once', () => {
    const far = moved(middle, { x: 99, y: 99 }, size);
    expect(squareOf(far, size)).toEqual({ left: 200, top: 0, side: 200 });
    expect(squareOf(moved(far, { x: -0.5, y: 0 }, size), size)).toEqual({ left: 100, top: 0, side: 200 });
    expect(squareOf({ scale: 999, x: 0, y: 1 }, size)).toEqual({
      left: 0,
      top: 200 - 200 / cropScaleMax,
      side: 200 / cropScaleMax,
    });
  });
});

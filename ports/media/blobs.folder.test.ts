import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { blobsContract } from './contract-blobs.ts';
import { openFolder } from './folder.ts';

describe('files in a folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'chatvui-folder-'));
  const folder = openFolder({ dir });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  blobsContract(() => folder);

  it('come through us, and leave no half ones', async () => {
    expect(folder.directOrigin).toBeNull();
    expect(await folder.partUrl('', '', { number: 1, size: 1, expiresInSeconds: 1 })).toBeNull();
    expect(readdirSync(join(dir, 'uploads'))).toEqual([]);
    const names = readdirSync(join(dir, 'objects'), { recursive: true }) as string[];
    expect(names.filter((name) => /coming|whole/.test(name))).toEqual([]);
  });
});

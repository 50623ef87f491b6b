// Pictures and files, in a real browser against the embedded product: sent by picker, paste and drop, cut off and gone on,
// looked at by keys, as the face of a group; and those that mean harm.
import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Media } from '../../schemas/media.ts';
import { openFile, upload } from '../../test/client/files.ts';
import { film, tone } from '../../test/client/films.ts';
import { groupOf, Person, password } from '../../test/client/person.ts';
import { type Embedded, startEmbedded } from '../../test/harness.ts';
import { axeFindings, browserPath, byId, launch, openPage, rowWith } from './browser.ts';
import { pdfOf } from './pdf.ts';

const picture = async (name: string, width: number, height: number, colour: string) => ({
  name,
  mimeType: 'image/png',
  buffer: await sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer(),
});
/** Larger than what goes in one request, and nothing that can be made smaller. */
const largeBytes = 9_000_000;

describe.skipIf(!browserPath)('Pictures and files in a browser', { timeout: 180_000 }, () => {
  let server: Embedded;
  let browser: Browser;
  let red: Awaited<ReturnType<typeof picture>>;
  let blue: typeof red;
  beforeAll(async () => {
    [server, browser, red, blue] = await Promise.all([
      startEmbedded({ env: { MEDIA_FILE_MAX_MB: '9' } }),
      launch(),
      picture('đỏ.png', 640, 480, '#c33'),
      picture('blue.png', 300, 600, '#33c'),
    ]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  /** Two people in a group, of whom the first has a browser. */
  const scene = async (options = {}) => {
    const [ann, binh] = await Promise.all([
      Person.register(server.url, 'ann'),
      Person.register(server.url, 'binh'),
    ]);
    const { id } = await groupOf(ann, [binh], 'Trip');
    const opened = await openPage(browser, `${server.url}/#/c/${id}`, options);
    await byId(opened.page, 'username').fill(ann.user.username);
    await byId(opened.page, 'password').fill(password);
    await byId(opened.page, 'submit').click();
    await byId(opened.page, 'composer').waitFor();
    return { ...opened, ann, binh, id };
  };
  const inTray = (page: Page, state: string) =>
    page.locator(`[data-testid="tray-file"][data-state="${state}"]`);
  const lastRow = (page: Page) => byId(page, 'message-row').last();
  const sent = async (page: Page) => {
    await byId(page, 'send').click();
    await byId(page, 'tray').waitFor({ state: 'detached' });
    await lastRow(page).and(page.locator('[data-state="sent"]')).waitFor();
  };
  /** As the system hands files over that were copied or dragged. */
  const handOver = (page: Page, testid: string, type: string, file: typeof red) =>
    byId(page, testid).evaluate(
      (target, { type, name, mimeType, bytes }) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(bytes)], name, { type: mimeType }));
        const about = { bubbles: true, cancelable: true };
        target.dispatchEvent(
          type === 'paste'
            ? new ClipboardEvent(type, { ...about, clipboardData: data })
            : new DragEvent(type, { ...about, dataTransfer: data }),
        );
      },
      { type, name: file.name, mimeType: file.mimeType, bytes: [...file.buffer] },
    );

  test('given pictures and files, when they are picked, pasted and dropped, then they come as a gallery and rows, and lists say so', async () => {
    const { page, binh, id, complaints } = await scene();
    const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('line one\n<b>two</b>') };
    await byId(page, 'file-input').setInputFiles([red, blue, notes]);
    await expect.poll(() => inTray(page, 'done').count()).toBe(3);
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'composer').fill('From the beach');
    await sent(page);
    const row = rowWith(page, 'From the beach');
    expect(await row.locator('[data-testid="gallery"]').getAttribute('data-count')).toBe('2');
    await row.locator('[data-testid="file"][data-kind="text"]', { hasText: 'notes' }).waitFor();
    const { items } = await binh.api.history(id, { limit: 10 });
    expect(items[0]?.attachments.map(({ name, width }) => [name, width])).toEqual([
      ['đỏ.png', 640],
      ['blue.png', 300],
      ['notes.txt', undefined],
    ]);

    // Its size is the gallery's before anything has come: nothing moves when it does.
    await page.route('**/api/media/*?*', (route) => route.abort());
    await page.reload();
    const tile = rowWith(page, 'From the beach').locator('[data-testid="picture"]').first();
    const before = await tile.boundingBox();
    await page.unroute('**/api/media/*?*');
    await page.reload();
    await page.locator('[data-testid="picture"][data-there="true"]').nth(1).waitFor();
    expect(await tile.boundingBox()).toEqual(before);

    await byId(page, 'look').click();
    await byId(page, 'text-content').waitFor();
    expect(await byId(page, 'text-content').textContent()).toBe('line one\n<b>two</b>');
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');

    await handOver(page, 'composer', 'paste', { ...red, name: 'image.png' });
    await inTray(page, 'done').waitFor();
    await sent(page);
    await byId(page, 'last-message').filter({ hasText: 'You: Picture' }).waitFor();
    await handOver(page, 'message-list', 'dragover', blue);
    await byId(page, 'drop-cover').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await handOver(page, 'message-list', 'drop', blue);
    await byId(page, 'drop-cover').waitFor({ state: 'detached' });
    await inTray(page, 'done').waitFor();
    await byId(page, 'remove-file').click();
    await byId(page, 'tray').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('composer');
    // What cannot be sent is told before anything leaves.
    await byId(page, 'file-input').setInputFiles([{ ...notes, buffer: Buffer.alloc(0) }]);
    await byId(page, 'toast').filter({ hasText: 'notes.txt' }).waitFor();
    await byId(page, 'file-input').setInputFiles([{ ...notes, buffer: Buffer.alloc(9_600_000) }]);
    await byId(page, 'toast').filter({ hasText: '“notes.txt” is larger than 9.4 MB' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('given uploads that are held up, cut off and reloaded, then they can be cancelled, and go on where they were', async () => {
    const { page, binh, id } = await scene();
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PUT' || request.method() === 'POST')
        posts.push(`${request.method()} ${new URL(request.url()).pathname.replace(/[0-9a-f-]{36}/, 'ID')}`);
    });
    await page.route('**/api/media', () => undefined);
    await byId(page, 'file-input').setInputFiles([red]);
    await page
      .locator('[data-testid="tray-file"]:is([data-state="sending"], [data-state="finishing"])')
      .waitFor();
    await byId(page, 'remove-file').click();
    await byId(page, 'tray').waitFor({ state: 'detached' });
    await page.unroute('**/api/media');

    await page.route('**/parts/2?*', (route) => route.abort());
    await byId(page, 'file-input').setInputFiles([
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: randomBytes(largeBytes) },
    ]);
    await inTray(page, 'waiting').waitFor();
    // The message is on its way, and waits for its file; what is said after it does not.
    await byId(page, 'send').click();
    const waits = page.locator('[data-testid="message-row"][data-state="sending"]');
    await waits.locator('[data-testid="upload"][data-kept="true"]').waitFor();
    await byId(page, 'composer').fill('meanwhile');
    await byId(page, 'composer').press('Enter');
    await rowWith(page, 'meanwhile').and(page.locator('[data-state="sent"]')).waitFor();
    const firstParts = () => posts.filter((one) => one === 'PUT /api/media/uploads/ID/parts/1').length;
    expect(firstParts()).toBe(1);

    await page.reload();
    await waits.locator('[data-testid="upload"]').waitFor();
    await page.unroute('**/parts/2?*');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await rowWith(page, 'large').and(page.locator('[data-state="sent"]')).waitFor({ timeout: 60_000 });
    expect(firstParts()).toBe(1);
    const { items } = await binh.api.history(id, { limit: 10 });
    const file = items.flatMap(({ attachments }) => attachments)[0]!;
    expect(file).toMatchObject({ name: 'large.bin', size: largeBytes });
    const { bytes } = await openFile(binh.api, `/api/media/${file.mediaId}`);
    expect(bytes.length).toBe(largeBytes);
  });

  test('given pictures, when they are looked at by keys, then they follow each other, grow and close, and the focus is where it was', async () => {
    const { page, ann, id, complaints } = await scene();
    const media: Media[] = [];
    for (const { name, buffer } of [red, blue, red]) media.push(await upload(ann.api, name, buffer));
    const say = (content: string, ids: string[]) =>
      ann.api.call('POST', `/api/conversations/${id}/messages`, {
        ref: crypto.randomUUID(),
        content,
        attachments: ids,
      });
    await say('first', [media[0]!.id, media[1]!.id]);
    await say('second', [media[2]!.id]);
    await rowWith(page, 'second').locator('[data-testid="picture"]').waitFor();
    const opener = rowWith(page, 'first').locator('[data-testid="picture"]').nth(1);
    await opener.focus();
    await page.keyboard.press('Enter');
    const viewer = byId(page, 'viewer');
    const shows = (index: number) =>
      page.locator(`[data-testid="viewer"][data-media-id="${media[index]!.id}"]`).waitFor();
    await shows(1);
    await page.locator('[data-testid="viewer-picture"][data-there="true"]').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('ArrowRight');
    await shows(2);
    await page.keyboard.press('ArrowRight');
    await byId(page, 'viewer-note').filter({ hasText: 'no later' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await shows(0);
    await page.keyboard.press('+');
    await expect.poll(() => viewer.getAttribute('data-scale')).toBe('1.50');
    await page.mouse.move(640, 400);
    await page.mouse.wheel(0, -400);
    await expect.poll(async () => Number(await viewer.getAttribute('data-scale'))).toBeGreaterThan(2);
    await page.keyboard.press('0');
    await expect.poll(() => viewer.getAttribute('data-scale')).toBe('1.00');
    const saving = page.waitForEvent('download');
    await byId(page, 'viewer-download').click();
    expect((await saving).suggestedFilename()).toMatch(/^đỏ\./);
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
    expect(await opener.evaluate((one) => one === document.activeElement)).toBe(true);

    // The place of a film has its shape before a byte of it has come, and no more height than a picture.
    await say('', [
      (await upload(ann.api, 'upright.mp4', await film('mp4', { seconds: 75, rotation: 90 }))).id,
    ]);
    const upright = page.locator('[data-testid="player"][data-kind="video"]');
    await upright.filter({ hasText: '1:15' }).waitFor();
    const frame = await upright.locator('.frame').evaluate((one) => [one.clientWidth, one.clientHeight]);
    expect(frame).toEqual([225, 400]);

    // Sound is played by the browser, which asks for the stretch that it needs.
    await say('', [(await upload(ann.api, 'voice.wav', tone(4))).id]);
    const audio = page.locator('[data-testid="player"] audio');
    await page.locator('[data-testid="player"][data-kind="audio"]').filter({ hasText: '0:04' }).waitFor();
    await audio.waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const asked = page.waitForRequest((request) => request.headers().range !== undefined);
    const seconds = await audio.evaluate(async (element) => {
      const one = element as HTMLAudioElement;
      one.load();
      one.preload = 'metadata';
      await new Promise((resolve) => one.addEventListener('loadedmetadata', resolve, { once: true }));
      return one.duration;
    });
    expect([seconds, (await (await asked).response())?.status()]).toEqual([4, 206]);
    expect(complaints).toEqual([]);
  });

  test('given an admin with a picture, when it is cut and taken, then the group and the person have a face everywhere, until it is taken away', async () => {
    const { page, binh, id, complaints } = await scene();
    await byId(page, 'members-button').click();
    await byId(page, 'picture-file').setInputFiles([blue]);
    await byId(page, 'crop-frame').focus();
    await page.keyboard.press('ArrowDown');
    await byId(page, 'crop-size').fill('2');
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'crop-take').click();
    await byId(page, 'crop').waitFor({ state: 'detached' });
    const faces = page.locator('[data-testid="face"][data-picture="true"]');
    // In the list, above the conversation and in its panel.
    await expect.poll(() => faces.count()).toBe(3);
    const { pictureUrl } = await binh.api.call<{ pictureUrl: string }>('GET', `/api/conversations/${id}`);
    const shown = await openFile(binh.api, pictureUrl);
    const { width, height } = await sharp(shown.bytes).metadata();
    expect([shown.status, width, height]).toEqual([200, 150, 150]);
    await byId(page, 'remove-picture').click();
    await byId(page, 'remove-picture').click();
    await expect.poll(() => faces.count()).toBe(0);

    await page.goto(`${server.url}/#/settings/profile`);
    await byId(page, 'picture-file').setInputFiles([red]);
    await byId(page, 'crop-take').click();
    await expect.poll(() => faces.count()).toBeGreaterThanOrEqual(2);
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('given files that mean harm, then they are names and sizes to download, nothing of them runs, and their true end is seen', async () => {
    const { page, binh, id, complaints } = await scene();
    const wrongs: string[] = [];
    await page.exposeFunction('pwned', () => wrongs.push('a script ran'));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => wrongs.push('a dialog')));
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" onload="pwned()"><script>pwned()</script></svg>',
    );
    const html = Buffer.from('<!doctype html><script>parent.pwned()</script>');
    const files = await Promise.all([
      upload(binh.api, 'holiday\u202egnp.svg', svg),
      upload(binh.api, '"><img src=x onerror=pwned()>.html', html),
      upload(binh.api, 'picture.png', svg),
    ]);
    const message = { ref: crypto.randomUUID(), content: '', attachments: files.map((file) => file.id) };
    await binh.api.call('POST', `/api/conversations/${id}/messages`, message);
    await byId(page, 'file').nth(2).waitFor();
    expect(await byId(page, 'gallery').count()).toBe(0);
    expect(await byId(page, 'look').count()).toBe(0);
    const names = await byId(page, 'file-name').allTextContents();
    expect(names.join()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(names[0]).toBe('holidaygnp.svg');
    for (const link of await byId(page, 'download').all()) {
      // The address is asked for once the row is in sight.
      await expect.poll(() => link.getAttribute('href')).not.toBeNull();
      const address = new URL((await link.getAttribute('href'))!, server.url);
      const { status, headers } = await openFile(binh.api, address.href, { token: false });
      expect([status, headers.get('content-disposition')?.split(';')[0]]).toEqual([200, 'attachment']);
      expect(headers.get('content-security-policy')).toContain('sandbox');
    }
    await byId(page, 'last-message').filter({ hasText: '3 files' }).waitFor();
    expect([wrongs, complaints]).toEqual([[], []]);
  });

  test('given a PDF, when it is looked at, then its pages are drawn and turned by keys and buttons, and its words can be read to somebody', async () => {
    const { page, binh, id, complaints } = await scene();
    const file = await upload(binh.api, 'báo cáo.pdf', pdfOf(['First page', 'Second page', 'Third page']));
    const message = { ref: crypto.randomUUID(), content: '', attachments: [file.id] };
    await binh.api.call('POST', `/api/conversations/${id}/messages`, message);
    await byId(page, 'look').click();
    const shown = (number: number) =>
      page.locator(`[data-testid="pdf-page"][data-page="${number}"][data-drawn="true"]`);
    const darkest = () =>
      page.locator('[data-testid="pdf-page"] canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((least, value) => Math.min(least, value), 255);
      });
    await shown(1).waitFor();
    expect(await byId(page, 'pdf-words').textContent()).toBe('First page');
    expect(await darkest()).toBeLessThan(60);
    expect(await axeFindings(page)).toEqual([]);
    await byId(page, 'pdf-next').click();
    await shown(2).waitFor();
    await byId(page, 'pdf-page').press('PageDown');
    await shown(3).waitFor();
    expect(await byId(page, 'pdf-words').textContent()).toBe('Third page');
    expect(await byId(page, 'pdf-next').isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await byId(page, 'pdf-preview').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('given PDFs that mean harm or are none, when they are looked at, then nothing of them runs or is fetched, and it is said what cannot be shown', async () => {
    const { page, binh, id, complaints } = await scene();
    const wrongs: string[] = [];
    await page.exposeFunction('pwned', () => wrongs.push('a script ran'));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => wrongs.push('a dialog')));
    page.on('request', (request) => {
      if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(server.url))
        wrongs.push(request.url());
    });
    const files = await Promise.all([
      upload(binh.api, 'script.pdf', pdfOf(['Harmless'], { onOpen: 'app.alert(1); pwned\\(\\)' })),
      upload(binh.api, 'long.pdf', pdfOf(['Long'], { size: [2, 2_000_000] })),
      upload(binh.api, 'cut.pdf', pdfOf(['Cut']).subarray(0, 120)),
    ]);
    const message = { ref: crypto.randomUUID(), content: '', attachments: files.map((file) => file.id) };
    await binh.api.call('POST', `/api/conversations/${id}/messages`, message);
    await byId(page, 'look').nth(2).waitFor();
    const look = async (name: string) => {
      await byId(page, 'file').filter({ hasText: name }).locator('[data-testid="look"]').click();
      await byId(page, 'pdf-preview')
        .locator('[data-testid="pdf-page"][data-drawn="true"], [role="alert"]')
        .waitFor();
      const size = await page
        .locator('[data-testid="pdf-page"] canvas')
        .evaluateAll((all) =>
          all.map((one) => (one as HTMLCanvasElement).width * (one as HTMLCanvasElement).height),
        );
      await page.keyboard.press('Escape');
      await byId(page, 'pdf-preview').waitFor({ state: 'detached' });
      return size;
    };
    expect(await look('script')).toHaveLength(1);
    const [pixels] = await look('long');
    expect(pixels).toBeLessThanOrEqual(8_000_000);
    expect(await look('cut')).toEqual([]);
    expect([wrongs, complaints]).toEqual([[], []]);
  });

  test('given a PDF whose reader never comes to an end, when it is looked at, then it is given up, its thread is ended, and the page lives', async () => {
    const { page, binh, id } = await scene({ serviceWorkers: 'block' });
    await page.route('**/pdf.worker*', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'for (;;);' }),
    );
    const file = await upload(binh.api, 'endless.pdf', pdfOf(['Endless']));
    const message = { ref: crypto.randomUUID(), content: '', attachments: [file.id] };
    await binh.api.call('POST', `/api/conversations/${id}/messages`, message);
    await page.clock.install();
    await byId(page, 'look').click();
    await expect.poll(() => page.workers().length).toBe(1);
    await page.clock.fastForward(19_000);
    expect(await byId(page, 'pdf-preview').getByRole('alert').count()).toBe(0);
    await page.clock.fastForward(1_100);
    await byId(page, 'pdf-preview').getByRole('alert').waitFor();
    await expect.poll(() => page.workers().length).toBe(0);
    await page.keyboard.press('Escape');
    await byId(page, 'composer').fill('still here');
  });

  test('given a file whose address is not there yet, when its download is pressed, then it comes when it can', async () => {
    const { page, binh, id, complaints } = await scene({ serviceWorkers: 'block' });
    let answer: () => void = () => undefined;
    const mayAnswer = new Promise<void>((done) => {
      answer = done;
    });
    await page.route('**/api/media/links', async (route) => {
      await mayAnswer;
      await route.continue();
    });
    const file = await upload(binh.api, 'late.bin', randomBytes(300));
    const message = { ref: crypto.randomUUID(), content: '', attachments: [file.id] };
    await binh.api.call('POST', `/api/conversations/${id}/messages`, message);
    const saving = page.waitForEvent('download');
    await byId(page, 'download').click();
    expect(await byId(page, 'download').getAttribute('href')).toBeNull();
    answer();
    expect((await saving).suggestedFilename()).toBe('late.bin');
    expect(complaints).toEqual([]);
  });

  test('given a phone, then pictures are chosen from a menu, seen whole, and swiped through', async () => {
    const { page, complaints } = await scene({
      viewport: { width: 375, height: 740 },
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
      locale: 'vi-VN',
    });
    await byId(page, 'attach').click();
    await byId(page, 'pick-camera').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await byId(page, 'picture-input').setInputFiles([red, blue]);
    await expect.poll(() => inTray(page, 'done').count()).toBe(2);
    expect(await axeFindings(page)).toEqual([]);
    await sent(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
    await byId(page, 'picture').first().click();
    await page.locator('[data-testid="viewer-picture"][data-there="true"]').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const first = await byId(page, 'viewer').getAttribute('data-media-id');
    await page.mouse.move(300, 400);
    await page.mouse.down();
    await page.mouse.move(80, 400, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => byId(page, 'viewer').getAttribute('data-media-id')).not.toBe(first);
    await byId(page, 'viewer-close').click();
    await byId(page, 'viewer').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('given a phone, when one goes back from a picture or a text, then it is closed and the conversation stays; closed otherwise it leaves no step behind', async () => {
    const { page, id, complaints } = await scene({
      viewport: { width: 375, height: 740 },
      isMobile: true,
      hasTouch: true,
    });
    const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('line one') };
    await byId(page, 'file-input').setInputFiles([red, notes]);
    await expect.poll(() => inTray(page, 'done').count()).toBe(2);
    await sent(page);
    const at = () => page.evaluate(() => [location.hash, history.state?.over ?? 0]);
    const conversation = `#/c/${id}`;
    await page.evaluate(() => (location.hash = '#/settings/look'));
    await byId(page, 'settings').waitFor();
    await page.evaluate((hash) => (location.hash = hash), conversation);
    const opened = async (testid: string, opener: string) => {
      await byId(page, opener).first().click();
      await byId(page, testid).waitFor();
      expect(await at()).toEqual([conversation, 1]);
    };
    const closed = async (testid: string) => {
      await byId(page, testid).waitFor({ state: 'detached' });
      await expect.poll(at).toEqual([conversation, 0]);
      await byId(page, 'composer').waitFor();
    };

    for (const [testid, opener] of [
      ['viewer', 'picture'],
      ['text-preview', 'look'],
    ] as const) {
      await opened(testid, opener);
      await page.goBack();
      await closed(testid);
      await opened(testid, opener);
      await page.keyboard.press('Escape');
      await closed(testid);
    }
    await opened('viewer', 'picture');
    await byId(page, 'viewer-place').click();
    await closed('viewer');

    // What a reload, or another address, has taken away is passed over.
    await opened('viewer', 'picture');
    await page.reload();
    await closed('viewer');
    await opened('viewer', 'picture');
    await page.evaluate(() => (location.hash = '#/settings/privacy'));
    await byId(page, 'settings').waitFor();
    await byId(page, 'viewer').waitFor({ state: 'detached' });
    await page.goBack();
    await closed('viewer');

    await page.goBack();
    await expect.poll(at).toEqual(['#/settings/look', 0]);
    expect(complaints).toEqual([]);
  });
});

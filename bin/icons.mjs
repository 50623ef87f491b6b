// Draws the icons of the installed client out of web/public/mark.svg, with the Chromium at CHROMIUM_PATH. They are
// committed, so that a build needs no browser: run `npm run icons` after the mark has changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './ensure.mjs';

const folder = join(root, 'web', 'public');
const mark = readFileSync(join(folder, 'mark.svg'), 'utf8');
/** `share`: how much of the square the mark takes; a system cuts what is maskable or lies on its home screen into its own shape. */
const icons = [
  { name: 'icon-192.png', size: 192, share: 1, ground: 'transparent' },
  { name: 'icon-512.png', size: 512, share: 1, ground: 'transparent' },
  { name: 'maskable-512.png', size: 512, share: 0.62, ground: '#f4f6f5' },
  { name: 'touch-180.png', size: 180, share: 0.74, ground: '#f4f6f5' },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const { name, size, share, ground } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<style>html,body{margin:0;height:100%;background:${ground}}body{display:grid;place-content:center}svg{width:${size * share}px}</style>${mark}`,
  );
  writeFileSync(join(folder, 'icons', name), await page.screenshot({ omitBackground: true }));
}
await browser.close();

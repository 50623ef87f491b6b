// How the browser client is built: static files in dist/web that work under a strict content security policy.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { emojiData, withoutEntities } from './vite-plugins.ts';
import { serviceWorker } from './vite-worker.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:3000';

export default defineConfig({
  root: here('.'),
  plugins: [
    withoutEntities(),
    emojiData(),
    svelte({ configFile: here('svelte.config.js') }),
    serviceWorker(here('src/worker/service-worker.ts')),
  ],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The two themes are written with light-dark(), which these know.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Neither inline scripts nor data URLs: the policy allows 'self' alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': gateway, '/ws': { target: gateway, ws: true } },
  },
});

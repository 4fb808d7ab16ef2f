import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const page = (name: string) => fileURLToPath(new URL(`${name}.html`, import.meta.url));
const node = process.env.KINO_NODE ?? 'http://127.0.0.1:8080';

/** Vite serves the pages under the node's own paths, so that links and the room's id work alike in development. */
const routes: Plugin = {
  name: 'kinoautomat-routes',
  configureServer(server) {
    server.middlewares.use(async (request, response, next) => {
      const path = request.url ?? '/';
      const hit = /^\/(r|host|screen|overlay)\/[^/]+$/.exec(path.split('?')[0] ?? '');
      if (hit?.[1] === 'screen' && !path.includes('token=')) {
        // The node lends a big screen its reading token.
        const answer = await fetch(node + path, { redirect: 'manual' });
        response.writeHead(302, { location: answer.headers.get('location') ?? '/' }).end();
        return;
      }
      if (hit) request.url = `/${hit[1] === 'r' ? 'room' : hit[1]}.html`;
      else if (path === '/') request.url = '/home.html';
      next();
    });
  },
};

export default defineConfig({
  plugins: [svelte(), routes],
  server: {
    proxy: {
      // The node compares the origin of a WebSocket with the host it was sent to: both must be the node's own.
      '/api': { target: node, ws: true, changeOrigin: true, rewriteWsOrigin: true },
    },
  },
  build: {
    target: 'es2022', // the overlay runs in OBS, which is Chrome 127
    outDir: process.env.KINO_DIST ?? 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // no data: addresses, which the content policy would have to allow
    modulePreload: { polyfill: false },
    license: { fileName: 'THIRD-PARTY.md' },
    rolldownOptions: {
      input: Object.fromEntries(['home', 'room', 'host', 'screen', 'overlay'].map((name) => [name, page(name)])),
      output: {
        // Names without hashes: a change edits files of dist, it does not replace them. Freshness comes from ETags.
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
        codeSplitting: {
          groups: [
            { name: 'svelte', test: /node_modules[\\/]svelte[\\/]/ },
            { name: 'qr', test: /node_modules[\\/]uqr/ },
            { name: 'zh-Hans', test: /src[\\/]i18n[\\/]zh-Hans/ },
            { name: 'kino', test: /src[\\/](live|proto|i18n|theme|parts)/, minShareCount: 2 },
          ],
        },
      },
    },
  },
});

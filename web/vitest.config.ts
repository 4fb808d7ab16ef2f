import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] }, // components are mounted, not rendered to a string
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});

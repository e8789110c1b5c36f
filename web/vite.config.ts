import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { chunks } from './chunks.ts';
import { devServer } from './dev-server.ts';
import { precompress } from './precompress.ts';

export default defineConfig({
  plugins: [react(), tailwindcss(), devServer(), precompress()],
  // React has it itself since 18: no page carries the router's way around an older one.
  resolve: { alias: { 'use-sync-external-store/shim/index.js': 'react' } },
  build: chunks,
});

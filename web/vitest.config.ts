import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// No test measures time: this only ends one that hangs, on however slow a machine.
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [react()],
        test: {
          name: 'page',
          include: ['src/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['./test/setup.ts'],
          ...patience,
        },
      },
      { test: { name: 'built', include: ['bench/**/*.test.ts'], ...patience } },
    ],
  },
});

import { defineConfig } from 'vitest/config';

const product = ['src/**/*.test.ts', 'test/**/*.test.ts'];
// No test measures time: this only ends one that hangs, on however slow a machine.
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

/** The product's tests run twice, on each of its two stores; the sandbox has none. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'sandbox', include: ['sandbox/**/*.test.ts'], ...patience } },
      { test: { name: 'embedded', include: product, provide: { store: 'embedded' }, ...patience } },
      {
        test: {
          name: 'server',
          include: product,
          provide: { store: 'server' },
          globalSetup: ['./test/global-setup.ts'],
          ...patience,
        },
      },
    ],
  },
});

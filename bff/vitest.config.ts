import { defineConfig } from 'vitest/config';

const product = ['src/**/*.test.ts', 'test/**/*.test.ts'];

/** The product's tests run twice, on each of its two stores; the sandbox has none. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'sandbox', include: ['sandbox/**/*.test.ts'] } },
      { test: { name: 'embedded', include: product, provide: { store: 'embedded' } } },
      {
        test: {
          name: 'server',
          include: product,
          provide: { store: 'server' },
          globalSetup: ['./test/global-setup.ts'],
        },
      },
    ],
  },
});

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: import.meta.dirname });
// What a test imports says whether it meets a database at all.
const meetsStore = (file: string) =>
  /\/(product|browser|harbour|rig|installation)\.ts'|inject\('store'\)/.test(
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  );
// Several processes on one store: the embedded one serves one.
const onServer = ['test/repair/two-processes.test.ts'];
const onStores = files.filter((file) => meetsStore(file) && !onServer.includes(file));
const once = files.filter((file) => !meetsStore(file));

// No test measures time: this only ends one that hangs, on however slow a machine.
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

/** Tests that meet a database run twice, on each of the product's two stores; the others run once. */
export default defineConfig({
  test: {
    // More than there are processors on a small machine: much of the time tests wait, for deadlines and databases.
    maxWorkers: 3,
    projects: [
      { test: { name: 'sandbox', include: ['sandbox/**/*.test.ts'], ...patience } },
      { test: { name: 'rules', include: once, ...patience } },
      { test: { name: 'embedded', include: onStores, provide: { store: 'embedded' }, ...patience } },
      {
        test: {
          name: 'server',
          include: [...onStores, ...onServer],
          provide: { store: 'server' },
          globalSetup: ['./test/global-setup.ts'],
          ...patience,
        },
      },
    ],
  },
});

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
// What browsers and providers may send, in large tables: none of it comes near what differs between the stores.
const onEmbedded = [
  'src/session/cross-site.test.ts',
  'src/shell.test.ts',
  'src/v1alpha/description.test.ts',
  'test/faults.test.ts',
  'test/repair/faults.test.ts',
];
const onStores = files.filter((file) => meetsStore(file) && ![...onServer, ...onEmbedded].includes(file));
const once = files.filter((file) => !meetsStore(file));

// No test measures time: this only ends one that hangs, on however slow a machine.
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

/** Tests that meet a database run on each of the product's two stores, but for those named above; the others run once. */
export default defineConfig({
  test: {
    // More than there are processors on a small machine: much of the time tests wait, for deadlines and databases.
    maxWorkers: 3,
    projects: [
      { test: { name: 'sandbox', include: ['sandbox/**/*.test.ts'], ...patience } },
      { test: { name: 'rules', include: once, ...patience } },
      {
        test: {
          name: 'embedded',
          include: [...onStores, ...onEmbedded],
          provide: { store: 'embedded' },
          ...patience,
        },
      },
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

/**
 * The long proof, on a PostgreSQL server: `npm run proof -- --seed 7 --minutes 10`. First every case of the usual proofs,
 * then random lives of a project for so long; one that fails is made as short as possible and printed with its seed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Every case, not only every so many. */
    thorough?: boolean;
    /** Of the random lives. */
    seed: number;
    /** How long the long proof goes on. */
    minutes: number;
  }
}

const { values } = parseArgs({
  // pnpm hands the two dashes on.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '5' },
    // Leaves the usual proofs out.
    'only-lives': { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const minutes = Number(values.minutes);
console.log(`seed ${seed}, ${minutes} minutes`);
const root = join(import.meta.dirname, '../..');
const vitest = await startVitest(
  'test',
  values['only-lives'] ? ['lives'] : [],
  { root, config: false, watch: false, reporters: ['verbose'] },
  {
    test: {
      include: ['test/repair/*.{test,proof}.ts'],
      globalSetup: ['./test/global-setup.ts'],
      provide: { store: 'server', thorough: true, seed, minutes },
      testTimeout: (minutes + 10) * 60_000,
      hookTimeout: 120_000,
    },
  },
);
await vitest.close();

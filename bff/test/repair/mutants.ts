/**
 * The proof of the proofs: each protection of the repair is switched off in a copy of the sources, and a proof has to
 * fail for it. `npm run proof:mutants` fails when one goes unnoticed. Takes a word to run only the mutants that have it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Mutant = { name: string; file: string; from: string; to: string };

const BFF = join(import.meta.dirname, '../..');
const MUTANTS: Mutant[] = [
  {
    name: 'what is sent is not what was written down',
    file: 'make.ts',
    from: 'const made = { ...generation, material',
    to: "const made = { ...generation, match: generation.match + (kind === 'webhook' ? '0' : ''), material",
  },
  {
    name: 'the old one goes before the new one is made',
    file: 'run.ts',
    from: "  if (phase === 'make') {",
    to: `  if (phase === 'make') {
    await record(work, (tx) => tx.updateTable('credential').set({ state: 'retiring' }).where('kind', '=', subject).where('state', '=', 'active').execute());
    await removeRetired(work, subject);`,
  },
  {
    name: 'nothing is looked for before it is made',
    file: 'make.ts',
    from: 'const found = findOwn(generation, seen.listed);',
    to: 'const found: string | null = null;',
  },
  {
    name: 'a lost lease is not noticed while the operation runs',
    file: 'lease.ts',
    from: "    .where('epoch', '=', epoch)\n",
    to: '',
  },
  {
    name: 'a lost lease is never noticed',
    file: 'lease.ts',
    from: "    .where('epoch', '=', epoch)\n    .where('state', '=', 'running');",
    to: "    .where('epoch', '>=', Math.min(epoch, 0));",
  },
  {
    name: 'past generations are forgotten',
    file: 'plan.ts',
    from: "if (row.state === 'retiring' || row.state === 'gone') {",
    to: "if (row.state === 'gone') continue;\n    if (row.state === 'retiring') {",
  },
  {
    name: 'nobody searches afterwards',
    file: 'reconcile.ts',
    from: 'if (!deps.lifecycle.accepting) return;',
    to: 'if (deps) return;',
  },
  {
    name: 'what is not ours is deleted',
    file: 'plan.ts',
    from: '  return plan;\n',
    to: `  for (const { id, identity } of listed) {
    if (rows[0] && !rows.some(({ match }) => match === identity)) plan.remove.push({ remoteId: id, credentialId: rows[0].id });
  }
  return plan;
`,
  },
  {
    name: 'a doubt is not remembered',
    file: 'due.ts',
    from: '  const at = new Date(now.getTime() + MINUTE);\n',
    to: '  const at = new Date(now.getTime() + MINUTE);\n  if (at) return;\n',
  },
  {
    name: 'a second copy is left',
    file: 'plan.ts',
    from: 'const copies = own.filter(({ id }) => id !== kept);',
    to: 'const copies = own.slice(own.length);',
  },
  {
    name: 'clicks do not take turns',
    file: 'start.ts',
    from: 'if (running && isSame(running, ask)) return { ok: true, operationId: running.id, joined: true };',
    to: '',
  },
  {
    name: 'a click soon after a repair is another one',
    file: 'start.ts',
    from: 'const QUIET_PERIOD = 10_000;',
    to: 'const QUIET_PERIOD = 0;',
  },
  {
    name: 'a key that SSH refuses is used',
    file: 'verify.ts',
    from: "return login ? { kind: 'failed', problem: login } : listed;",
    to: 'return login === undefined ? listed : listed;',
  },
];

const wanted = process.argv[2] ?? '';
const survivors: string[] = [];
for (const mutant of MUTANTS.filter(({ name }) => name.includes(wanted))) {
  const began = Date.now();
  const killer = await kill(mutant);
  const seconds = Math.round((Date.now() - began) / 1000);
  if (killer === null) survivors.push(mutant.name);
  console.log(
    `${killer === null ? 'SURVIVED' : 'killed  '}  ${mutant.name} (${seconds} s)${killer ? `: ${killer}` : ''}`,
  );
}
if (survivors.length > 0) console.log(`\n${survivors.length} went unnoticed.`);
process.exitCode = survivors.length > 0 ? 1 : 0;

/** The name of the proof that failed; null when all held. */
async function kill({ file, from, to }: Mutant): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  try {
    for (const part of ['src', 'sandbox', 'test', 'package.json', 'vitest.config.ts']) {
      await cp(join(BFF, part), join(folder, 'bff', part), { recursive: true });
    }
    await symlink(join(BFF, 'node_modules'), join(folder, 'bff/node_modules'));
    const path = join(folder, 'bff/src/repository/repair', file);
    const source = await readFile(path, 'utf8');
    if (source.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
    await writeFile(
      path,
      source.replace(from, () => to),
    );
    const vitest = join(BFF, 'node_modules/vitest/vitest.mjs');
    const child = spawn(
      process.execPath,
      [
        vitest,
        'run',
        '--project',
        'server',
        'test/repair',
        '--bail',
        '1',
        '--reporter',
        'verbose',
        '--no-color',
      ],
      { cwd: join(folder, 'bff'), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    await once(child, 'close');
    const failed = /^\s*(?:×|FAIL)\s+(.*)$/m.exec(output)?.[1];
    // A copy that does not even start proves nothing.
    if (child.exitCode !== 0 && !failed) throw new Error(output);
    return failed ?? null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The proof of the proofs: each protection of the repair is switched off in a copy of the sources, and a proof has to
 * fail for it. `npm run proof:mutants` fails when one goes unnoticed or fits the sources no more. Takes a word to run only the mutants that have it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Mutant = {
  name: string;
  file: string;
  from: string;
  to: string;
  /** The proofs that run; those with real processes only where nothing else can notice. */
  proofs?: string;
};

const BFF = join(import.meta.dirname, '../..');
const SOURCES = 'src/repository/repair';
const WITH_PROCESSES = ['leave', 'two-processes'].map((name) => `test/repair/${name}.test.ts`);
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
    name: 'what may have been made is never looked for',
    file: 'make.ts',
    from: 'return call !== undefined;',
    to: 'return false;',
  },
  {
    name: 'a webhook that was led elsewhere is left',
    file: 'plan.ts',
    from: "return kind === 'webhook' && id === remoteId;",
    to: 'return false;',
  },
  {
    name: 'another key under the number of ours is deleted',
    file: 'plan.ts',
    from: "return kind === 'webhook' && id === remoteId;",
    to: 'return id === remoteId;',
  },
  {
    name: 'the project moves before all is there',
    file: 'run.ts',
    from: '  if (!failed && phases.includes',
    to: "  if (work.operation.kind === 'move') await record(work, (tx) => complete(tx));\n  if (!failed && phases.includes",
  },
  {
    name: 'a process that is asked to leave goes on',
    file: 'work.ts',
    from: 'if (!deps.lifecycle.accepting) throw',
    to: 'if (!deps) throw',
    proofs: 'test/repair/leave',
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
const unfit: string[] = [];
for (const mutant of MUTANTS.filter(({ name }) => name.includes(wanted))) {
  const began = Date.now();
  const end = await kill(mutant);
  if (end === 'unfit') unfit.push(mutant.name);
  else if (end === 'survived') survivors.push(mutant.name);
  const seconds = Math.round((Date.now() - began) / 1000);
  const [word, by] = typeof end === 'string' ? [end.toUpperCase(), ''] : ['killed', `: ${end.by}`];
  console.log(`${word.padEnd(8)}  ${mutant.name} (${seconds} s)${by}`);
}
if (survivors.length > 0) console.log(`\n${survivors.length} went unnoticed.`);
if (unfit.length > 0) console.log(`\n${unfit.length} do not fit the sources any more, and proved nothing.`);
process.exitCode = survivors.length + unfit.length > 0 ? 1 : 0;

/** By which proof it was noticed. `unfit`: what it changes is not in the sources, or is so more than once. */
async function kill({ file, from, to, proofs }: Mutant): Promise<{ by: string } | 'survived' | 'unfit'> {
  const source = await readFile(join(BFF, SOURCES, file), 'utf8');
  if (source.split(from).length !== 2) return 'unfit';
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  try {
    for (const part of ['src', 'sandbox', 'test', 'package.json', 'vitest.config.ts']) {
      await cp(join(BFF, part), join(folder, 'bff', part), { recursive: true });
    }
    await symlink(join(BFF, 'node_modules'), join(folder, 'bff/node_modules'));
    await writeFile(
      join(folder, 'bff', SOURCES, file),
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
        ...(proofs ? [proofs] : ['test/repair', ...WITH_PROCESSES.flatMap((each) => ['--exclude', each])]),
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
    return failed ? { by: failed } : 'survived';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

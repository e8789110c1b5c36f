import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, environment, Failure, root, runtime, start } from './bootstrap.mjs';
import { buildIfStale, isBuilt } from './page.mjs';
import { exitStatus } from './run.mjs';

const entry = join(root, 'bff/sandbox/main.ts');

await start(async () => {
  const live = process.argv.includes('--dev');
  await ensureInstalled();
  // With live reload Vite makes the page; the BFF only needs one to put its data into.
  if (!live || !isBuilt()) await buildIfStale();
  return live ? await develop() : await together([{ args: [entry], env: {} }]);
});

/**
 * The product with live reload. Vite listens where people look (PORT) and fetches from the BFF, which moves to a
 * port of its own, whatever it does not serve itself; the BFF restarts when one of its files changes.
 */
function develop() {
  const port = Number(process.env.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_525)
    throw new Failure('PORT must be a number from 1 to 65525.');
  if (process.env.TLS_CERT?.trim() || process.env.TLS_KEY?.trim())
    throw new Failure('Live reload speaks plain http: leave TLS_CERT and TLS_KEY out, or use npm start.');
  const publicUrl = process.env.PUBLIC_URL || `http://localhost:${port}`;
  // After the product's own port come those of the sandbox.
  const inner = port + 9;
  const vite = join(root, 'web/node_modules/vite/bin/vite.js');
  return together([
    { args: [entry, '--watch'], env: { PORT: String(inner), HOST: '127.0.0.1', PUBLIC_URL: publicUrl } },
    {
      args: [vite, '--port', String(port), '--strictPort', '--clearScreen', 'false', '--logLevel', 'warn'],
      cwd: join(root, 'web'),
      env: { BFF_URL: `http://127.0.0.1:${inner}`, VITE_HOST: process.env.HOST || '127.0.0.1' },
    },
  ]);
}

/**
 * Runs programs on the pinned Node.js until the first of them ends, then ends the others. Each gets a process group of
 * its own, so that Ctrl-C reaches it once and in order, through here; a second Ctrl-C ends everything at once.
 * @param {{ args: string[], env: NodeJS.ProcessEnv, cwd?: string }[]} programs
 * @returns {Promise<number>} the exit status of the one that ended by itself; when all were asked to end, that of the first in the list
 */
async function together(programs) {
  const node = runtime();
  const children = programs.map(({ args, env, cwd = root }) =>
    // The channel tells a child that this process is gone, even after kill -9.
    spawn(node, args, {
      cwd,
      env: environment(env),
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const ended = children.map(
    (child) =>
      new Promise((/** @type {(code: number) => void} */ resolve) => {
        child.on('error', () => resolve(1));
        child.on('exit', (code, signal) => resolve(code ?? exitStatus(signal)));
      }),
  );

  let asked = 0;
  const stop = () => {
    // One Ctrl-C arrives twice: from the terminal and through npm.
    if (asked && Date.now() - asked < 1_000) return;
    for (const child of children) signalGroup(child.pid, asked ? 'SIGKILL' : 'SIGTERM', !asked);
    asked ||= Date.now();
  };
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, stop);

  const firstToEnd = await Promise.race(ended);
  const byItself = !asked;
  if (byItself) stop();
  const [first = firstToEnd] = await Promise.all(ended);
  // Whatever a child left behind when it died by force.
  for (const child of children) signalGroup(child.pid, 'SIGKILL', false);
  return byItself ? firstToEnd : first;
}

/**
 * @param {number | undefined} pid leader of the group; undefined when it never started
 * @param {NodeJS.Signals} signal
 * @param {boolean} leaderOnly let the leader end its own children in its own order
 */
function signalGroup(pid, signal, leaderOnly) {
  if (pid === undefined) return;
  try {
    process.kill(leaderOnly ? pid : -pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

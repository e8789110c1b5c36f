/**
 * The real process: `src/main.ts` of a copy that has a page of its own, so that it neither needs the built page nor
 * minds whoever is building it. Everything a process may leave behind is in one temporary folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PAGE = '<!doctype html><html><head><!--first-data--></head><body>The page</body></html>';
const BFF = join(import.meta.dirname, '..');

export type Copy = {
  folder: string;
  /** Starts the process with this environment and nothing else. */
  start(env: Record<string, string>): RunningProcess;
  /** Kills what still runs and removes the copy. */
  remove(): Promise<void>;
};

export type RunningProcess = {
  child: ChildProcess;
  output(): string;
  /** Resolves when the output holds this; rejects when the process ends without. */
  says(words: string): Promise<void>;
  /** Exit status; null when a signal ended it. */
  ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
};

/** Copies the sources; `page` null leaves the built page out. */
export async function copyProduct(page: string | null = PAGE): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'product-'));
  await cp(join(BFF, 'src'), join(folder, 'bff/src'), { recursive: true });
  await cp(join(BFF, 'package.json'), join(folder, 'bff/package.json'));
  await symlink(join(BFF, 'node_modules'), join(folder, 'bff/node_modules'));
  if (page !== null) {
    await mkdir(join(folder, 'web/dist/assets'), { recursive: true });
    await writeFile(join(folder, 'web/dist/index.html'), page);
  }
  const running: RunningProcess[] = [];
  return {
    folder,
    start(env) {
      const process = startProcess(join(folder, 'bff/src/main.ts'), folder, env);
      running.push(process);
      return process;
    },
    async remove() {
      for (const process of running) process.signal('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
      await rm(folder, { recursive: true });
    },
  };
}

function startProcess(main: string, cwd: string, env: Record<string, string>): RunningProcess {
  const child = spawn(process.execPath, [main], { cwd, env: { PATH: process.env.PATH ?? '', ...env } });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(() => child.exitCode);
  return {
    child,
    output: () => output,
    ended,
    signal: (signal) => void child.kill(signal),
    says: (words) =>
      new Promise((resolve, reject) => {
        const listen = () => {
          if (output.includes(words)) resolve();
        };
        listeners.add(listen);
        listen();
        void ended.then(() => reject(new Error(`The process ended without "${words}":\n${output}`)));
      }),
  };
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

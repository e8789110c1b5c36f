/** The example runner of the documentation, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from './process.ts';

export const RUNNER_SECRET = 'a secret of more than sixteen characters';

export type Runner = {
  url: string;
  /** What it was handed: each workflow once, in order. */
  taken(): { id: string; ref: string; hash: string }[];
  stop(): Promise<void>;
};

export async function startRunner(port?: number): Promise<Runner> {
  const at = port ?? (await freePort());
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../docs/runner/receiver.mjs')], {
    env: { PORT: String(at), RUNNER_SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!output.includes('listening')) await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${at}/workflows?from=semaphore`,
    taken: () =>
      [...output.matchAll(/^workflow (\S+): (.+) at (\S+)$/gm)].map(([, id = '', ref = '', hash = '']) => ({
        id,
        ref,
        hash,
      })),
    async stop() {
      const ended = once(child, 'close');
      child.kill();
      await ended;
    },
  };
}

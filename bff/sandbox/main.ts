/**
 * The entry of `npm start`: with provider credentials it runs the product alone; without, it pretends the outside
 * world beside it. Development code: a deployment runs `src/main.ts` by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Send } from './bitbucket/deliveries.ts';
import { fetchTrusting } from './fetch-trusting.ts';
import { startSandbox } from './start.ts';
import { stories } from './stories/list.ts';
import { hasUntoldStories, pageOf, tellStories } from './stories/tell.ts';

type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

const env = process.env;
const watch = process.argv.includes('--watch');
const host = env.HOST || (env.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1');
const port = readPort(env.PORT || '3000');
const scheme = env.TLS_CERT?.trim() ? 'https' : 'http';
const publicUrl = env.PUBLIC_URL || `${scheme}://localhost:${port}`;
const productAt = `${scheme}://${reachable(host)}:${port}`;
const send = believing(env.TLS_CERT?.trim());
const dataDir = resolve(env.DATA_DIR || './.data');
const hasCredentials = ['BITBUCKET', 'GITHUB', 'GITLAB'].some((name) => env[`${name}_CLIENT_ID`]);

let sandbox: Sandbox | undefined;
let product: ChildProcess | undefined;
let stopping: Promise<void> | undefined;
const ending = new AbortController();

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));
// The one that started us is gone without a word: leave nothing running.
process.on('disconnect', () => void stop(0));

if (hasCredentials) {
  await ensureFree([{ port, at: host, wanted: 'the product' }]);
  run({});
} else {
  if (env.NODE_ENV === 'production' && env.SANDBOX !== '1') {
    fail(
      'There are no provider credentials (BITBUCKET_CLIENT_ID and so on), and the sandbox is not for production ' +
        '(NODE_ENV=production). Set the credentials, or SANDBOX=1 if you really mean it.',
    );
  }
  sandbox = await openSandbox();
  run({ ...sandbox.env, SANDBOX_URL: sandbox.origins.bitbucket });
}
await announce();
if (sandbox && env.STORIES !== '0') await prepareStories(sandbox);

/** Starts the sandbox on the ports that follow the one people use, on an address of its own: cookies do not tell ports apart. */
async function openSandbox(): Promise<Sandbox> {
  const first = firstSandboxPort();
  const ports = { bitbucket: first, api: first + 1, github: first + 2, gitlab: first + 3, ssh: first + 4 };
  await ensureFree([
    { port, at: host, wanted: 'the product' },
    ...Object.entries(ports).map(([name, at]) => ({
      port: at,
      at: '127.0.0.1',
      wanted: `the sandbox (${name})`,
    })),
  ]);
  return await startSandbox({ dir: join(dataDir, 'sandbox'), host: '127.0.0.1', ports, publicUrl, send });
}

/** The port after the public one: with live reload that is not the port of the BFF. */
function firstSandboxPort(): number {
  const { hostname, port: publicPort } = new URL(publicUrl);
  return (hostname === 'localhost' && publicPort ? Number(publicPort) : port) + 1;
}

/** Starts the product as a process of its own and ends with it. */
function run(more: Record<string, string>) {
  product = spawn(
    process.execPath,
    [...(watch ? ['--watch', '--watch-preserve-output'] : []), join(import.meta.dirname, '../src/main.ts')],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...(process.stdout.isTTY ? { LOG_LEVEL: 'warn' } : {}), ...env, ...more, DATA_DIR: dataDir },
    },
  );
  product.on('error', (error) => fail(`The product could not be started: ${error.message}`));
  product.on('exit', (code, signal) => {
    if (stopping === undefined && signal) say(`The product was ended by ${signal}.`);
    void stop(code ?? 1);
  });
}

/** Waits until the product answers and says where. */
async function announce() {
  const ready = `${productAt}/health/ready`;
  const patience = Date.now() + 30_000;
  let complained = false;
  while (stopping === undefined) {
    const answer = await send(new Request(ready, { signal: AbortSignal.timeout(2_000) })).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) break;
    if (!complained && Date.now() > patience) {
      complained = true;
      say(`Still waiting for the product to answer at ${ready} …`);
    }
    await sleep(100);
  }
  if (stopping !== undefined) return;
  say(
    [
      '',
      `  Open        ${publicUrl}`,
      ...(sandbox ? [`  Sandbox     ${sandbox.origins.bitbucket} (plays Bitbucket, GitHub and GitLab)`] : []),
      ...(sandbox && isTold(sandbox)
        ? ['  Stories     log in with Bitbucket as Nora Lindqvist; the sandbox lists them']
        : []),
      `  Data        ${env.DATABASE_URL ? 'the PostgreSQL server of DATABASE_URL' : dataDir}`,
      '  Stop        Ctrl-C',
      '',
    ].join('\n'),
  );
}

/** Fills an empty product with something to look at, once; the sandbox remembers what is there. */
async function prepareStories({ place, origins }: Sandbox) {
  if (stopping !== undefined || !hasUntoldStories(place)) return;
  say('  Stories are being prepared …');
  const { origin } = new URL(publicUrl);
  await tellStories({
    place,
    publicUrl: origin,
    productAt,
    send,
    signal: ending.signal,
    onFailure: (line) => say(`  ${line}`),
  });
  if (stopping !== undefined) return;
  const there = stories.filter((story) => place.world.data.stories.told[story.id]);
  if (there.length === 0) return;
  const width = Math.max(...there.map((story) => story.title.length));
  say(
    [
      '',
      '  Stories     log in with Bitbucket as Nora Lindqvist and open',
      ...there.flatMap((story) =>
        story.projects.map(({ name }) => `    ${story.title.padEnd(width)}  ${pageOf(origin, name)}`),
      ),
      `  More about them, and buttons to play with: ${origins.bitbucket}`,
      '',
    ].join('\n'),
  );
}

function isTold({ world }: Sandbox): boolean {
  return Object.keys(world.data.stories.told).length > 0;
}

/** Ends the product, which lets requests in flight finish, then the sandbox that it may still be asking. */
function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    ending.abort();
    if (product && product.exitCode === null && product.signalCode === null) {
      const gone = new Promise((done) => product?.once('exit', done));
      product.kill('SIGTERM');
      await gone;
    }
    await sandbox?.close();
    process.exit(code);
  })();
  return stopping;
}

type Wanted = { port: number; at: string; wanted: string };

/** Refuses to start, in one sentence, when a port is taken. */
async function ensureFree(all: Wanted[]) {
  for (const { port: number, at, wanted } of all) {
    const problem = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
      const probe = createServer();
      probe.once('error', done);
      probe.listen({ port: number, host: at, exclusive: true }, () => probe.close(() => done(undefined)));
    });
    if (problem?.code === 'EADDRINUSE') {
      fail(
        `Port ${number}, wanted by ${wanted}, is already in use: stop the program that uses it, or choose other ports, ` +
          `for example with PORT=${port < 60_000 ? port + 1000 : 4000} npm start.`,
      );
    }
    if (problem) fail(`${wanted} cannot listen on ${at}, port ${number}: ${problem.message}`);
  }
}

function readPort(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_529) return number;
  return fail('PORT must be a number from 1 to 65529: the sandbox takes the five after it.');
}

/** How the product is asked: with a certificate of its own, by believing that one. */
function believing(file: string | undefined): Send {
  try {
    return file ? fetchTrusting(readFileSync(file, 'utf8')) : fetch;
  } catch {
    // No certificate: the product stops at once and says what is wrong with it.
    return fetch;
  }
}

/** An address to ask at, for a server that listens on every one. */
function reachable(listening: string): string {
  if (listening === '0.0.0.0') return '127.0.0.1';
  if (listening === '::') return '[::1]';
  return listening.includes(':') ? `[${listening}]` : listening;
}

function say(text: string) {
  process.stdout.write(`${text}\n`);
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

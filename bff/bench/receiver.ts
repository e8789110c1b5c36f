/**
 * The receiver under load: signed deliveries of 10 kB, as fast as 16 connections can send them, on each store:
 *
 *     node bench/receiver.ts [COUNT]
 *
 * Beside it, in the same process and behind the same middleware, an address that reads the same body and answers 200
 * without storing it, and a bare `node:http` server that verifies the signature and inserts the body into a table.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { OWN_HEADER, OWN_HEADER_VALUE } from '../src/session/cross-site.ts';
import { createDatabase, startPostgres } from '../test/postgres.ts';
import { freePort } from '../test/process.ts';
import { push } from '../test/push-payload.ts';
import { type Rig, seedWebhook } from '../test/webhook-rig.ts';

const CONNECTIONS = 16;
const BYTES = 10_000;
const PUBLIC_URL = 'http://localhost:3000';
const COUNT = Number(process.argv[2] ?? 2_000);

type Result = { perSecond: number; p50: number; p99: number };

/** What each server is sent: the address, and the headers that its address wants. */
function variants(rig: Rig) {
  const own = { [OWN_HEADER]: OWN_HEADER_VALUE, origin: PUBLIC_URL };
  return [
    { name: 'the receiver', server: 'product', path: rig.path, headers: {} },
    { name: 'the same server, not storing', server: 'product', path: '/bench/not-storing', headers: own },
    { name: 'bare node:http, verifying and inserting', server: 'bare', path: rig.path, headers: {} },
  ] as const;
}

const postgres = await startPostgres();
try {
  for (const store of ['embedded', 'server'] as const) {
    const dir = await mkdtemp(join(tmpdir(), 'bench-'));
    const results: [string, Result][] = [];
    for (const index of [0, 1, 2]) {
      const database = store === 'server' ? await createDatabase(postgres.url) : null;
      const env: Record<string, string> = {
        PORT: String(await freePort()),
        PUBLIC_URL,
        DATA_DIR: join(dir, String(index)),
        ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
        LOG_LEVEL: 'warn',
        ...(database ? { DATABASE_URL: database.url } : {}),
      };
      const rig = await seedWebhook(env);
      const variant = variants(rig)[index];
      if (!variant) throw new Error('no such variant');
      const server = await serve(variant.server, { ...env, HOOK_SECRET: rig.secret });
      await load(env.PORT ?? '', rig, variant, Math.min(COUNT, 200));
      results.push([variant.name, await load(env.PORT ?? '', rig, variant, COUNT)]);
      const ended = once(server, 'close');
      server.kill('SIGKILL');
      await ended;
      await database?.drop();
    }
    report(store, results);
    await rm(dir, { recursive: true });
  }
} finally {
  await postgres.stop();
}

async function serve(kind: 'product' | 'bare', env: Record<string, string>): Promise<ChildProcess> {
  if (kind === 'bare') {
    const { db, close } = await openDatabase({
      url: env.DATABASE_URL ?? null,
      dataDir: env.DATA_DIR ?? null,
    });
    await migrate(db).finally(close);
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, `${kind}-server.ts`)], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8');
  while (!output.includes('listening')) output += (await once(child.stdout, 'data'))[0];
  child.stdout.resume();
  return child;
}

/** Milliseconds for each request, over a fixed number of connections that are kept. */
async function load(
  port: string,
  rig: Rig,
  { path, headers }: { path: string; headers: Record<string, string> },
  count: number,
): Promise<Result> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const bodies = Array.from({ length: count }, () => delivery(rig));
  const times: number[] = [];
  const began = performance.now();
  const send = async () => {
    for (let next = bodies.pop(); next; next = bodies.pop()) {
      const { body, signature } = next;
      const sent = performance.now();
      const status = await new Promise<number>((resolve) => {
        const outgoing = request(
          {
            host: '127.0.0.1',
            port,
            path,
            agent,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
              'x-event-key': 'repo:push',
              'x-request-uuid': randomUUID(),
              'x-hub-signature': signature,
              ...headers,
            },
          },
          (response) => {
            response.resume().on('end', () => resolve(response.statusCode ?? 0));
          },
        );
        // A kept connection that was closed meanwhile: it is sent again, and its wait counts.
        outgoing.on('error', () => resolve(0));
        outgoing.end(body);
      });
      if (status === 0) bodies.push(next);
      else if (status !== 200) throw new Error(`${path} says ${status}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return { perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

function delivery({ repository, secret }: Rig): { body: string; signature: string } {
  const commit = randomBytes(20).toString('hex');
  const payload = push({ uuid: repository }, { old: null, new: { name: `branch-${commit}`, hash: commit } });
  const rest = BYTES - JSON.stringify({ ...payload, filler: '' }).length;
  const body = JSON.stringify({ ...payload, filler: 'x'.repeat(rest) });
  return { body, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` };
}

function report(store: string, results: [string, Result][]): void {
  const first = results[0]?.[1];
  process.stdout.write(`\n${store}: ${COUNT} deliveries of ${BYTES} bytes, ${CONNECTIONS} connections\n`);
  for (const [name, { perSecond, p50, p99 }] of results) {
    const ratio = first
      ? `${(first.perSecond / perSecond).toFixed(2)} of its rate, ${(first.p99 / p99).toFixed(2)} times its p99`
      : '';
    process.stdout.write(
      `  ${name.padEnd(42)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  (receiver: ${ratio})\n`,
    );
  }
}

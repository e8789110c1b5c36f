/**
 * The receiver under load, on each store: signed deliveries of 10 kB, first as fast as 16 connections can send them, then
 * RATE a second whatever the answers, while the work on those before goes on:
 *
 *     node bench/receiver.ts [COUNT [RATE]]
 *
 * Beside it, in the same process and behind the same middleware, an address that reads the same body and answers 200
 * without storing it, and a bare `node:http` server that verifies the signature and inserts the body into a table. The
 * ratios to these two count: the times are those of the machine, and of what else it does. Of the receiver also how many
 * deliveries a second there were until the last of them was worked on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
const RATE = Number(process.argv[3] ?? 50);
/** Milliseconds between two looks at whether everything was worked on. */
const GLANCE = 200;

type Result = { perSecond: number; p50: number; p99: number };
type Measured = { flatOut: Result; offered: Result; workedPerSecond: number | null };

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
    const results: [string, Measured][] = [];
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
      const send = { port: env.PORT ?? '', rig, ...variant };
      await load(send, Math.min(COUNT, 200));
      const began = performance.now();
      const flatOut = await load(send, COUNT);
      const isReceiver = variant.path === rig.path && variant.server === 'product';
      if (isReceiver) await workedOff(send.port);
      const seconds = (performance.now() - began) / 1000;
      const offered = await load(send, Math.min(COUNT, RATE * 20), RATE);
      results.push([
        variant.name,
        { flatOut, offered, workedPerSecond: isReceiver ? COUNT / seconds : null },
      ]);
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

/** Until the server says that neither deliveries nor workflows wait for it. */
async function workedOff(port: string): Promise<void> {
  const left = /^(hook_deliveries_unworked|workflows_unfinished\{.*\}) [1-9]/m;
  while (left.test(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())) await delay(GLANCE);
}

type Send = { port: string; rig: Rig; path: string; headers: Record<string, string> };

/**
 * Milliseconds for each request, over connections that are kept: as fast as they are answered, or `rate` a second, each
 * counted from when it was due.
 */
async function load({ port, rig, path, headers }: Send, count: number, rate?: number): Promise<Result> {
  const agent = new Agent({ keepAlive: true, maxSockets: rate ? Number.POSITIVE_INFINITY : CONNECTIONS });
  const bodies = Array.from({ length: count }, () => delivery(rig));
  const times: number[] = [];
  const post = ({ body, signature }: { body: string; signature: string }) =>
    new Promise<number>((resolve) => {
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
      outgoing.on('error', () => resolve(0));
      outgoing.end(body);
    });
  const send = async (next: { body: string; signature: string }, due = performance.now()) => {
    let status = 0;
    // A kept connection that was closed meanwhile: it is sent again, and its wait counts.
    while (status === 0) status = await post(next);
    if (status !== 200) throw new Error(`${path} says ${status}`);
    times.push(performance.now() - due);
  };
  const began = performance.now();
  if (rate) {
    const sent = bodies.map(async (next, index) => {
      const due = began + (index * 1000) / rate;
      await delay(Math.max(0, due - performance.now()));
      await send(next, due);
    });
    await Promise.all(sent);
  } else {
    const connection = async () => {
      for (let next = bodies.pop(); next; next = bodies.pop()) await send(next);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  }
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

function report(store: string, results: [string, Measured][]): void {
  const receiver = results[0]?.[1];
  if (!receiver) return;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const show = (name: string, of: Result, own: Result) => {
    const rate = `${of.perSecond.toFixed(0).padStart(6)}/s  p50 ${of.p50.toFixed(1)} ms  p99 ${of.p99.toFixed(1)} ms`;
    const ratio = `${(own.perSecond / of.perSecond).toFixed(2)} of its rate, ${(own.p99 / of.p99).toFixed(2)} times its p99`;
    say(`  ${name.padEnd(42)} ${rate}${of === own ? '' : `  (receiver: ${ratio})`}`);
  };
  say(`\n${store}: ${COUNT} deliveries of ${BYTES} bytes, ${CONNECTIONS} connections, flat out`);
  for (const [name, { flatOut }] of results) show(name, flatOut, receiver.flatOut);
  say(`  all of them worked on: ${receiver.workedPerSecond?.toFixed(0)}/s`);
  say(`${store}: ${RATE} a second`);
  for (const [name, { offered }] of results) show(name, offered, receiver.offered);
}

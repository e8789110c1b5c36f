/** The receiver as the process that it is: killed, restarted, multiplied, and asked over a real socket. */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { openDatabase } from '../src/db/connect.ts';
import { PUBLIC_URL } from './address.ts';
import { createDatabase } from './postgres.ts';
import { type Copy, copyProduct, freePort, type RunningProcess } from './process.ts';
import { hash, push } from './push-payload.ts';
import { RUNNER_SECRET, startRunner } from './runner.ts';
import { deliverTo, type Rig, seedWebhook } from './webhook-rig.ts';

const cleanups: (() => Promise<unknown>)[] = [];
let copy: Copy;

beforeEach(async () => {
  copy = await copyProduct();
  cleanups.push(copy.remove);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function environment(): Promise<Env> {
  const base = {
    PORT: String(await freePort()),
    PUBLIC_URL,
    DATA_DIR: join(copy.folder, 'data'),
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'info',
  };
  if (inject('store') === 'embedded') return base;
  const { url, drop } = await createDatabase(inject('postgres'));
  cleanups.push(drop);
  return { ...base, DATABASE_URL: url };
}

async function listening(env: Record<string, string>): Promise<RunningProcess> {
  const process = copy.start(env);
  await process.says('"listening"');
  return process;
}

/** Reads the store without the product; of the embedded one nobody else may be open. */
async function stored<T>(
  env: Record<string, string>,
  read: (db: Awaited<ReturnType<typeof openDatabase>>['db']) => Promise<T>,
) {
  const { db, close } = await openDatabase({ url: env.DATABASE_URL ?? null, dataDir: env.DATA_DIR ?? null });
  return read(db).finally(close);
}

const commit = (n: number) => n.toString(16).padStart(40, '0');
/** The n-th push, to a branch of its own. */
const pushNo = ({ repository }: Rig, n: number) =>
  JSON.stringify(push({ uuid: repository }, { old: null, new: { name: `branch-${n}`, hash: commit(n) } }));

type Env = Record<string, string> & { PORT: string };
type Db = Awaited<ReturnType<typeof openDatabase>>['db'];

/** Whether everything that was received was worked on. */
async function isWorkedOff(db: Db): Promise<boolean> {
  const left = await db.selectFrom('delivery').select('id').where('state', '=', 'received').execute();
  return left.length === 0;
}

/** Waits until the work is done, and ends the process in order. The embedded store opens only when it is closed. */
async function finish(env: Env, first: RunningProcess, isDone = isWorkedOff): Promise<void> {
  const leave = async (process: RunningProcess) => {
    process.signal('SIGTERM');
    expect(await process.ended, process.output().slice(-2000)).toBe(0);
  };
  let process = first;
  for (let round = 0; round < 60; round += 1) {
    await sleep(1_000);
    if (env.DATABASE_URL) {
      if (!(await stored(env, isDone))) continue;
      return leave(process);
    }
    await leave(process);
    if (await stored(env, isDone)) return;
    process = await listening(env);
    await sleep(2_000);
  }
  throw new Error(`The work did not end:\n${process.output().slice(-3000)}`);
}

describe('WH-05 DU-01 kill -9 under a stream of deliveries', () => {
  test('each one that was answered with 2xx is there afterwards exactly once, and so is its workflow', async () => {
    const env = await environment();
    const rig = await seedWebhook(env);
    const acknowledged = new Set<number>();
    const ids = new Map<number, string>();
    let next = 0;
    let process = await listening(env);
    for (let round = 0; round < 4; round += 1) {
      let dead = false;
      const stream = async () => {
        while (!dead) {
          const n = next++;
          const id = randomUUID();
          ids.set(n, id);
          const status = await deliverTo(env.PORT, rig, pushNo(rig, n), id);
          if (status === 200) acknowledged.add(n);
        }
      };
      const senders = [1, 2, 3, 4, 5, 6].map(stream);
      // Somewhere in the middle of anything.
      while (acknowledged.size < (round + 1) * 25) await sleep(1 + Math.random() * 20);
      process.signal('SIGKILL');
      dead = true;
      await Promise.all(senders);
      await process.ended;
      process = await listening(env);
      // Bitbucket's second try of what got no answer, and of some that did.
      for (const [n, id] of ids) {
        if (acknowledged.has(n) && n % 5) continue;
        expect(await deliverTo(env.PORT, rig, pushNo(rig, n), id)).toBe(200);
        acknowledged.add(n);
      }
    }
    expect(acknowledged.size).toBe(next);
    await finish(env, process);
    const { deliveries, workflows } = await stored(env, async (db) => ({
      deliveries: await db.selectFrom('delivery').select(['requestId', 'state']).execute(),
      workflows: await db.selectFrom('workflow').select(['refName', 'state']).execute(),
    }));
    expect(deliveries.map(({ requestId }) => requestId).sort()).toEqual([...ids.values()].sort());
    expect(deliveries.filter(({ state }) => state !== 'done')).toEqual([]);
    expect(workflows.map(({ refName }) => refName).sort()).toEqual(
      [...ids.keys()].map((n) => `branch-${n}`).sort(),
    );
  });
});

/** Nobody owns the project: each workflow fails at once. */
const hasFailed = (count: number) => async (db: Db) => {
  const rows = await db.selectFrom('workflow').select('id').where('state', '=', 'failed').execute();
  return rows.length === count;
};

describe('a delivery over the wire', () => {
  test('is worked on by the engine, handed over to nobody without a runner, and survives a stop in order', async () => {
    const env = await environment();
    const rig = await seedWebhook(env);
    const process = await listening(env);
    for (const n of [1, 2, 3]) expect(await deliverTo(env.PORT, rig, pushNo(rig, n), randomUUID())).toBe(200);
    await finish(env, process, hasFailed(3));
    const rows = await stored(env, (db) => db.selectFrom('workflow').select(['problem']).execute());
    expect(rows).toHaveLength(3);
    expect(process.output()).not.toContain(rig.secret);
    expect(process.output()).not.toContain('"level":"error"');
  });

  test('WH-07 a body that does not end is cut off', async () => {
    const env = await environment();
    const rig = await seedWebhook(env);
    const process = await listening(env);
    const socket = connect(Number(env.PORT), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      `POST ${rig.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1000\r\nX-Hub-Signature: sha256=${hash('a')}${'a'.repeat(24)}\r\n\r\n{`,
    );
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    process.signal('SIGTERM');
    expect(await process.ended).toBe(0);
  });
});

if (inject('store') === 'server') {
  describe('several replicas', () => {
    test('start together on an empty database, share the work, and hand each workflow over once', async () => {
      const runner = await startRunner();
      cleanups.push(runner.stop);
      const first = { ...(await environment()), RUNNER_URL: runner.url, RUNNER_SECRET };
      const envs = await Promise.all(
        [first, first, first].map(async (env) => ({ ...env, PORT: String(await freePort()) })),
      );
      const processes = await Promise.all(envs.map(listening));
      const rig = await seedWebhook(first);
      const count = 30;
      await Promise.all(
        Array.from({ length: count }, async (_, n) => {
          const id = randomUUID();
          // The same try at every replica at once.
          const answers = await Promise.all(envs.map(({ PORT }) => deliverTo(PORT, rig, pushNo(rig, n), id)));
          expect(answers).toEqual([200, 200, 200]);
        }),
      );
      while (!(await stored(first, hasFailed(count)))) await sleep(250);
      for (const [at, process] of processes.entries())
        await finish(envs[at] as Env, process, () => Promise.resolve(true));
      const { deliveries, workflows } = await stored(first, async (db) => ({
        deliveries: await db.selectFrom('delivery').select('id').execute(),
        workflows: await db.selectFrom('workflow').select('id').execute(),
      }));
      expect([deliveries.length, workflows.length]).toEqual([count, count]);
    });
  });
}

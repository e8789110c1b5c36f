/**
 * A whole installation for the proofs of the repair: the product's real processes on one store, and a sandbox on ports
 * beside them, with projects that each have a repository of their own and something foreign in it.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, vi } from 'vitest';
import { prepareRepositories } from '../../sandbox/git.ts';
import { createRepository } from '../../sandbox/play.ts';
import { newPublicKey } from '../../sandbox/play-keys-and-hooks.ts';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.ts';
import type { DeployKey, Hook, Repository } from '../../sandbox/state.ts';
import { personNamed, workspaceOf } from '../../sandbox/world.ts';
import { type Db, openDatabase } from '../../src/db/connect.ts';
import type { Repairable } from '../../src/repository/finding.ts';
import type { OperationView } from '../../src/repository/view.ts';
import { PUBLIC_URL } from '../address.ts';
import { type Browser, createBrowser } from '../browser.ts';
import { createDatabase } from '../postgres.ts';
import { copyProduct, freePort, type RunningProcess } from '../process.ts';
import type { Product } from '../product.ts';
import { type Held, type Moment, openGate } from './gate.ts';

/** One person owns it all. */
const PERSON = 'nora';
const ORGANIZATION = 'harbour';
/** For whatever has to happen by itself; no test depends on how long it takes. */
const PATIENCE = { timeout: 90_000, interval: 50 };

export type Running = { process: RunningProcess; product: Product };
export type OwnProject = {
  name: string;
  repository: Repository;
  foreign: { keys: DeployKey[]; hooks: Hook[] };
};
export type Installation = Awaited<ReturnType<typeof createInstallation>>;

/** An installation without a process; `end` ends all that was begun. */
export async function createInstallation() {
  const ends: (() => Promise<unknown>)[] = [];
  const copy = await copyProduct();
  ends.push(copy.remove);
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sandbox = await startSandbox({ dir, publicUrl: PUBLIC_URL });
  ends.push(async () => {
    await sandbox.close();
    await rm(dir, { recursive: true });
  });
  const gate = await openGate(sandbox.origins.api);
  ends.push(gate.close);
  const dataDir = join(copy.folder, 'data');
  const store: Record<string, string> = { DATA_DIR: dataDir };
  if (inject('store') === 'server') {
    const database = await createDatabase(inject('postgres'), inject('migrated'));
    ends.push(database.drop);
    store.DATABASE_URL = database.url;
  }
  const env: Record<string, string> = {
    ...sandbox.env,
    ...store,
    PUBLIC_URL,
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
  };
  let session: Browser | null = null;

  /** The one browser of all, in front of this process. */
  function browserAt({ product }: Running): Browser {
    session ??= createBrowser(product);
    session.at(product);
    return session;
  }

  /** Starts a process; the one that is `gated` asks the provider through the gate. */
  async function start(options: { gated: boolean }): Promise<Running> {
    const port = await freePort();
    const process = copy.start({
      ...env,
      PORT: String(port),
      ...(options.gated ? { BITBUCKET_API_URL: `${gate.origin}/2.0` } : {}),
    });
    await process.says('"listening"');
    return { process, product: productAt(port, sandbox) };
  }

  /** Looks into the store from outside: the embedded one only while no process has it open. */
  async function inStore<T>(look: (db: Db) => Promise<T>): Promise<T> {
    const database = await openDatabase({ url: env.DATABASE_URL ?? null, dataDir });
    try {
      return await look(database.db);
    } finally {
      await database.close();
    }
  }

  return {
    sandbox,
    gate,
    start,
    inStore,
    until: (read: () => Promise<unknown>) => expect.poll(read, PATIENCE),

    /** Somebody signs up, founds an organization, and creates projects that are ready when this resolves. */
    async settle(process: Running, names: string[]): Promise<OwnProject[]> {
      const browser = browserAt(process);
      await browser.signIn('bitbucket', PERSON, 'sign-up');
      await browser.api('POST', '/api/organizations', { name: 'Harbour', slug: ORGANIZATION });
      const projects: OwnProject[] = [];
      for (const name of names) {
        const repository = await newRepository(sandbox, name);
        const foreign = newForeign(sandbox, repository, name);
        const body = { repository: repository.uuid, name };
        const made = await browser.api('POST', `/api/organizations/${ORGANIZATION}/projects`, body, click());
        expect(made.status).toBe(201);
        projects.push({ name, repository, foreign });
      }
      for (const { name } of projects) {
        const isReady = async () => (await lastOperation(browser, name))?.state === 'done';
        await vi.waitUntil(isReady, PATIENCE);
      }
      return projects;
    },

    /** Clicks on the repair of both, in this process. */
    async repair(process: Running, { name }: OwnProject): Promise<void> {
      const path = `/api/organizations/${ORGANIZATION}/projects/${name}/repository/repair`;
      const started = await browserAt(process).api(
        'POST',
        path,
        { subjects: ['deploy-key', 'webhook'] },
        click(),
      );
      expect(started.status).toBe(202);
    },

    /** Holds the next request that fits at the gate; `path` is the part below the project's repository. */
    hold({ repository }: OwnProject, moment: Moment): Held {
      return gate.hold({ ...moment, path: pathOf(repository) + moment.path });
    },

    /** How many requests about this project's repository have come to the gate. */
    asked: ({ repository }: OwnProject) => gate.passed(`${pathOf(repository)}*`),

    /** Resolves when the last operation of each is a repair that has ended well. */
    async areRepaired(process: Running, projects: OwnProject[]): Promise<void> {
      const browser = browserAt(process);
      await expect
        .poll(async () => {
          const all = await Promise.all(projects.map(({ name }) => lastOperation(browser, name)));
          return all.map((operation) => `${operation?.kind} ${operation?.state}`);
        }, PATIENCE)
        .toEqual(projects.map(() => 'repair done'));
    },

    /** What the end has to be, counted at the sandbox and in the store. */
    async check(db: Db, projects: OwnProject[]): Promise<void> {
      for (const project of projects) {
        const { deployKeys, hooks } = sandbox.world.data;
        const { uuid } = project.repository;
        const rows = await rowsOf(db, project.name);
        const keys = deployKeys.filter(({ repository }) => repository === uuid);
        const webhooks = hooks.filter(({ repository }) => repository === uuid);
        const { foreign } = project;
        const isForeign = (id: unknown) =>
          foreign.keys.some((key) => key.id === id) || foreign.hooks.some((hook) => hook.uuid === id);
        const active = (kind: Repairable) =>
          rows
            .filter((row) => row.kind === kind && row.state === 'active')
            .map(({ match, remoteId }) => ({ match, remoteId }));
        const running = await db
          .selectFrom('operation')
          .innerJoin('project', 'project.id', 'operation.projectId')
          .select(['operation.kind'])
          .where('project.name', '=', project.name)
          .where('operation.state', '=', 'running')
          .execute();
        expect(
          {
            project: project.name,
            running,
            unfinished: rows.filter(({ state }) => state !== 'active' && state !== 'gone').length,
            active: [active('deploy-key').length, active('webhook').length],
            own: [
              keys
                .filter(({ id }) => !isForeign(id))
                .map(({ key, id }) => ({ match: key, remoteId: String(id) })),
              webhooks
                .filter(({ uuid: id }) => !isForeign(id))
                .map(({ url, uuid: id }) => ({ match: url, remoteId: id })),
            ],
            foreignKeys: keys.filter(({ id }) => isForeign(id)),
            foreignHooks: webhooks.filter(({ uuid: id }) => isForeign(id)),
          },
          project.name,
        ).toEqual({
          project: project.name,
          running: [],
          unfinished: 0,
          active: [1, 1],
          own: [active('deploy-key'), active('webhook')],
          foreignKeys: foreign.keys,
          foreignHooks: foreign.hooks,
        });
      }
    },

    /** Watches, at every change of the outer world, that what is in use is there; the end tells when it was not. */
    watch(db: Db, projects: OwnProject[]) {
      const violations = new Set<string>();
      let looks = Promise.resolve();
      const look = async () => {
        for (const { name } of projects) {
          for (const kind of ['deploy-key', 'webhook'] as const) {
            const before = await activeOf(db, name, kind);
            if (before.length === 1 && isThere(sandbox, before)) continue;
            // It may have been switched, and the old one removed, between the two questions.
            const after = await activeOf(db, name, kind);
            if (after.length !== 1 || (after[0] === before[0] && !isThere(sandbox, after)))
              violations.add(`${name}: a moment without a working ${kind}`);
          }
        }
      };
      const stop = sandbox.world.onChange(() => {
        looks = looks.then(look);
      });
      return async () => {
        stop();
        await looks;
        return [...violations];
      };
    },

    async end() {
      for (const end of ends.reverse()) await end();
    },
  };
}

const pathOf = ({ uuid }: Repository) => `/2.0/repositories/*${encodeURIComponent(uuid)}`;
const click = () => ({ 'idempotency-key': randomUUID() });

/** What a browser needs of the product: its answers come from the process. */
function productAt(port: number, sandbox: RunningSandbox): Product {
  const fetchFrom = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.method === 'GET' ? null : (await request.text()) || null;
    const { method, headers } = request;
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
      method,
      headers,
      body,
      redirect: 'manual',
    });
  };
  return { app: { fetch: fetchFrom }, sandbox } as unknown as Product;
}

async function newRepository({ world, place }: RunningSandbox, slug: string): Promise<Repository> {
  const person = personNamed(world, 'bitbucket', PERSON).id;
  const [any] = world.data.repositories;
  if (!any) throw new Error('The sandbox has no repository.');
  const permissions = [{ person, permission: 'admin' as const }];
  const repository = createRepository(world, workspaceOf(world, any), slug, { permissions });
  await prepareRepositories(place.git, [repository]);
  return repository;
}

/** With the very title of ours; one of the webhooks leads to us, and no row knows it. */
function newForeign({ world }: RunningSandbox, { uuid: repository }: Repository, name: string) {
  const title = `Semaphore · ${ORGANIZATION}/${name}`;
  const key: DeployKey = {
    id: world.data.nextKeyId++,
    repository,
    key: newPublicKey(),
    comment: '',
    label: title,
    createdOn: '2026-01-01T00:00:00+00:00',
    lastUsed: null,
    addedBy: personNamed(world, 'bitbucket', PERSON).id,
    client: null,
    stopped: false,
  };
  const hooks = ['https://other.example', PUBLIC_URL].map(
    (host): Hook => ({
      uuid: `{${randomUUID()}}`,
      repository,
      description: title,
      url: `${host}/hooks/bitbucket/${randomUUID()}`,
      active: true,
      events: ['repo:push'],
      secret: null,
      skipCertVerification: false,
      createdAt: '2026-01-01T00:00:00Z',
    }),
  );
  world.data.deployKeys.push(key);
  world.data.hooks.push(...hooks);
  world.changed();
  return structuredClone({ keys: [key], hooks });
}

async function lastOperation(browser: Browser, name: string): Promise<OperationView | undefined> {
  const path = `/api/organizations/${ORGANIZATION}/projects/${name}`;
  return (await browser.json<{ operations: OperationView[] }>(path)).operations[0];
}

function rowsOf(db: Db, project: string) {
  return db
    .selectFrom('credential')
    .innerJoin('project', 'project.id', 'credential.projectId')
    .selectAll('credential')
    .where('project.name', '=', project)
    .execute();
}

async function activeOf(db: Db, project: string, kind: Repairable): Promise<string[]> {
  const rows = await rowsOf(db, project);
  return rows.filter((row) => row.kind === kind && row.state === 'active').map(({ match }) => match);
}

function isThere({ world: { data } }: RunningSandbox, matches: string[]): boolean {
  return matches.every(
    (match) =>
      data.deployKeys.some(({ key, stopped }) => key === match && !stopped) ||
      data.hooks.some(({ url, active }) => url === match && active),
  );
}

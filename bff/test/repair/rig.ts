/**
 * A rig for the proofs of the repair: the product's real engine, database and client against a sandbox of its own, with
 * several "processes" in one. A process can be killed or stopped at each of its boundaries; these are the moments around
 * whatever outlives a process: a transaction, a statement that writes, a request. In between it only changes its own memory.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes, randomUUID } from 'node:crypto';
import { Kysely, type KyselyPlugin, sql } from 'kysely';
import { expect, inject } from 'vitest';
import { createGrant, issueAccessToken, issueRefreshToken } from '../../sandbox/grants.ts';
import { type MountedSandbox, mountSandbox } from '../../sandbox/mount.ts';
import type { DeployKey, Repository } from '../../sandbox/state.ts';
import { clientOf, personNamed, repositoryNamed } from '../../sandbox/world.ts';
import { createBackground } from '../../src/background.ts';
import { readConfig } from '../../src/config.ts';
import { type Database, type Db, openDatabase } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createDeps, type Deps } from '../../src/deps.ts';
import { checkKeys } from '../../src/encryption-keys.ts';
import { createJobs } from '../../src/jobs/jobs.ts';
import { createLogger } from '../../src/log.ts';
import type { Repairable } from '../../src/repository/finding.ts';
import { reconcileOperations } from '../../src/repository/repair/reconcile.ts';
import { type StartRepair, startOperation } from '../../src/repository/repair/start.ts';
import { createKeyPair } from '../../src/ssh/key-pair.ts';
import { createDatabase } from '../postgres.ts';
import { createWorldSsh, type WorldSsh } from '../world-ssh.ts';

const MINUTE = 60_000;
/** The product's address, and so the marker in the URLs of its webhooks. */
const PUBLIC_URL = 'https://ci.semaphore.test';
const HOOKS = `${PUBLIC_URL}/hooks/bitbucket/`;
const ELSEWHERE = 'harbour-works/charts';

/** What a process that was killed throws from then on; nothing of it reaches the outside any more. */
class Killed extends Error {
  override name = 'Killed';
}

/**
 * The usual tests take every so many cases, of those that are listed, to stay short; the long proof takes all.
 * The embedded database, where one statement waits for another, takes fewer.
 */
export function strideOf(usual: { server: number; embedded: number }): number {
  return inject('thorough') ? 1 : usual[inject('store')];
}

export type Process = {
  deps: Deps;
  /** Boundaries that were passed, by name. */
  passed: string[];
  /** Runs work as this process. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Lets a stopped process go on. */
  thaw(): void;
  /** Resolves when it has been stopped, or when its work has ended without. */
  stopped(work: Promise<unknown>): Promise<unknown>;
};

export type Plan = {
  /** Number of the boundary at which it is killed. */
  killAt?: number;
  /** The request at that boundary is carried out all the same, long after. */
  late?: boolean;
  /** Number of the boundary at which it is stopped, until it is thawed. */
  stopAt?: number;
};

/** What a request meets. */
type Stage = {
  sandbox: MountedSandbox;
  ssh: WorldSsh;
  lateRequests: (() => Promise<unknown>)[];
  watchRequest(method: string, address: string, body: ArrayBuffer | null): Promise<void>;
  watchWorld(): Promise<void>;
};

export type Scene = Awaited<ReturnType<Rig['scene']>>;
export type Rig = Awaited<ReturnType<typeof createRig>>;

/** A process as its surroundings see it. */
type Inner = Process & {
  plan: Plan;
  isDead(): boolean;
  /** Passes a boundary; true: that was its end. */
  dies(name: string): boolean;
  /** Passes a boundary; throws `Killed` when that was its end, so that a transaction is rolled back as by the server. */
  point(name: string): void;
  gate(): Promise<void>;
};
const processes = new AsyncLocalStorage<Inner>();
const late = ({ plan }: Inner) => plan.late === true;
/** What somebody who is dead sees of an answer. */
const nothing = () => new Promise<never>(() => undefined);

const insideTransaction = new AsyncLocalStorage<true>();

/** A rig on the store that this run tests. `deadline`: milliseconds for one call. */
export async function createRig(options: { deadline?: number } = {}) {
  const drop: (() => Promise<unknown>)[] = [];
  const databases: Database[] = [];
  let url: string | null = null;
  if (inject('store') === 'server') {
    const database = await createDatabase(inject('postgres'), inject('migrated'));
    url = database.url;
    drop.push(database.drop);
  }
  const open = async () => {
    if (url === null && databases[0]) return databases[0];
    const database = await openDatabase({ url, dataDir: null });
    if (url === null) await migrate(database.db);
    databases.push(database);
    return database;
  };
  const database = await open();
  // A second pool, as of another process, and one to look in from outside.
  const second = await open();
  const outside = (await open()).db;

  const world = mountSandbox();
  const read = readConfig({
    PUBLIC_URL,
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'debug',
    ...world.env,
  });
  if (!read.ok) throw new Error(read.mistakes.join('\n'));
  const { config } = read;
  const lines: string[] = [];
  const log = createLogger('debug', { write: (line) => void lines.push(line) });
  const sealer = await checkKeys(outside, config.encryptionKeys ?? []);
  await world.close();

  const current: { scene: Stage | null } = { scene: null };
  const clock = { offset: 0 };
  const now = () => new Date(Date.now() + clock.offset);
  const ssh = (): WorldSsh => {
    if (!current.scene) throw new Error('There is no scene.');
    return current.scene.ssh;
  };
  const base = createDeps({
    config,
    log,
    database,
    jobs: createJobs(database.store, log),
    sealer,
    now,
    outboundDeadline: options.deadline ?? 8_000,
    ssh: { readRefs: (ask) => ssh().readRefs(ask), cloneUrl: (name) => ssh().cloneUrl(name) },
  });

  function createProcess(plan: Plan = {}, of: Database = database): Process {
    const { killAt = 0, stopAt = 0 } = plan;
    const death = Promise.withResolvers<never>();
    const halted = Promise.withResolvers<void>();
    death.promise.catch(() => undefined);
    let dead = false;
    let thaw: () => void = () => undefined;
    let stopped: Promise<void> | null = null;
    const self: Inner = {
      deps: base,
      passed: [],
      plan,
      isDead: () => dead,
      dies(name) {
        if (dead) return true;
        self.passed.push(name);
        if (self.passed.length === stopAt) {
          stopped = new Promise((resolve) => {
            thaw = resolve;
          });
          halted.resolve();
        }
        if (self.passed.length !== killAt) return false;
        dead = true;
        death.reject(new Killed(name));
        return true;
      },
      point(name) {
        if (self.dies(name)) throw new Killed(name);
      },
      async gate() {
        await stopped;
      },
      run: (work) => processes.run(self, () => Promise.race([work(), death.promise])),
      thaw: () => thaw(),
      stopped: (work) => Promise.race([work, halted.promise]),
    };
    self.deps = {
      ...base,
      db: watched(of.db),
      background: createBackground(log),
      lifecycle: { accepting: true },
    };
    return self;
  }

  const api = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const scene = current.scene;
    const process = processes.getStore();
    const request = new Request(input, init);
    if (!scene) throw new TypeError('fetch failed');
    const door =
      new URL(request.url).origin === new URL(config.providers.bitbucket?.apiUrl ?? '').origin
        ? 'api'
        : 'bitbucket';
    const isChange = request.method !== 'GET';
    const body = isChange ? await request.clone().arrayBuffer() : null;
    const deliver = async () => {
      await scene.watchRequest(request.method, request.url, body);
      const response = await scene.sandbox.doors[door](
        new Request(request.url, {
          method: request.method,
          headers: request.headers,
          body,
          signal: request.signal,
        }),
      );
      await scene.watchWorld();
      return response;
    };
    if (process) {
      const lived = !process.isDead();
      if (process.dies(`before ${request.method} ${door}`)) {
        if (lived && late(process) && isChange) {
          scene.lateRequests.push(async () =>
            scene.sandbox.doors[door](
              new Request(request.url, { method: request.method, headers: request.headers, body }),
            ),
          );
        }
        return nothing();
      }
      await process.gate();
    }
    const response = await deliver();
    if (process) {
      if (process.dies(`after ${request.method} ${door}`)) return nothing();
      await process.gate();
    }
    if (response.type === 'error') throw new TypeError('fetch failed');
    return response;
  };

  const rig = {
    base,
    outside,
    second,
    clock,
    fetch: api,
    createProcess,
    logs: () => lines.splice(0).join(''),
    travel(ms: number) {
      clock.offset += ms;
      current.scene?.sandbox.world.travel(ms);
    },

    /** A project with a working key and webhook, foreign ones beside them, and two people who may repair it. */
    async scene(options: { state?: 'ready' | 'creating' } = {}) {
      await emptyAll(outside);
      clock.offset = 0;
      lines.length = 0;
      const sandbox = mountSandbox();
      // The client that the configuration knows.
      Object.assign(clientOf(sandbox.world, 'bitbucket'), {
        id: config.providers.bitbucket?.clientId,
        secret: config.providers.bitbucket?.clientSecret,
      });
      const repository = repositoryNamed(sandbox.world, 'harbour-works/pilot-api');
      /** Where the project may move to. */
      const elsewhere = repositoryNamed(sandbox.world, ELSEWHERE);
      const people = await seedPeople(base, outside, sandbox, [repository, elsewhere]);
      const projectId = await seedProject(outside, repository, people, now(), options.state ?? 'ready');
      const here = seedForeign(sandbox, repository);
      const there = seedForeign(sandbox, elsewhere);
      const foreign = { keys: [...here.keys, ...there.keys], hooks: [...here.hooks, ...there.hooks] };
      const orphans: string[] = [];
      const scene = {
        sandbox,
        ssh: createWorldSsh(sandbox.world),
        repository,
        elsewhere,
        projectId,
        people,
        foreign,
        orphans,
        lateRequests: [] as (() => Promise<unknown>)[],
        violations: [] as string[],
        /** Whether a working one was there at the start: from then on there must always be one. */
        served: { 'deploy-key': false, webhook: false } as Record<Repairable, boolean>,

        async watchRequest(method: string, address: string, body: ArrayBuffer | null) {
          const path = decodeURIComponent(new URL(address).pathname);
          if (method === 'POST' && /\/(deploy-keys|hooks)$/.test(path) && body) {
            const sent = JSON.parse(Buffer.from(body).toString()) as { key?: string; url?: string };
            const match = sent.key ?? sent.url ?? '';
            const row = await outside
              .selectFrom('credential')
              .selectAll()
              .where('match', '=', match)
              .executeTakeFirst();
            if (!row) scene.violations.push(`I2 nothing is written of what is sent: ${path}`);
          }
          if (method !== 'DELETE') return;
          const id = path.split('/').at(-1) ?? '';
          const identity =
            sandbox.world.data.deployKeys.find((key) => String(key.id) === id)?.key ??
            sandbox.world.data.hooks.find(({ uuid }) => uuid === id)?.url;
          if (identity === undefined) return;
          const row = await outside
            .selectFrom('credential')
            .selectAll()
            // Its UUID says whose a webhook is, also when somebody led it elsewhere; a key's number does not.
            .where((eb) =>
              eb.or([
                eb('match', '=', identity),
                eb.and([eb('kind', '=', 'webhook'), eb('remoteId', '=', id)]),
              ]),
            )
            .executeTakeFirst();
          if (!row) scene.violations.push(`I7 a foreign object is deleted: ${identity}`);
          else if (row.state !== 'retiring' && row.state !== 'gone') {
            const copies =
              sandbox.world.data.hooks.filter(({ url }) => url === identity).length +
              sandbox.world.data.deployKeys.filter(({ key }) => key === identity).length;
            if (copies < 2) scene.violations.push(`I3 a ${row.state} one is deleted: ${identity}`);
          }
        },

        /** Never less than before: what is active in the database is at the provider. */
        async watchWorld() {
          const { deployKeys, hooks } = sandbox.world.data;
          const active = await outside
            .selectFrom('credential')
            .innerJoin('project', 'project.id', 'credential.projectId')
            .select([
              'credential.kind',
              'credential.match',
              'credential.material',
              'project.repositoryUuid as home',
            ])
            .where('projectId', '=', projectId)
            .where('credential.state', '=', 'active')
            .execute();
          for (const kind of ['deploy-key', 'webhook'] as const) {
            if (!scene.served[kind]) continue;
            const own = active.filter((row) => row.kind === kind);
            if (own.length !== 1) scene.violations.push(`I4 ${own.length} active rows of a ${kind}`);
            const there = own.some(
              ({ match, material, home }) =>
                material !== null &&
                (kind === 'deploy-key'
                  ? deployKeys.some((each) => each.key === match && each.repository === home && !each.stopped)
                  : hooks.some((each) => each.url === match && each.repository === home && each.active)),
            );
            if (!there) scene.violations.push(`I1 a moment without a working ${kind}`);
          }
        },

        start(process: Process, ask: Partial<StartRepair> = {}) {
          return process.run(async () => {
            const started = await startOperation(process.deps, {
              projectId,
              kind: 'repair',
              ...(ask.kind === 'move'
                ? { target: { uuid: elsewhere.uuid, fullName: ELSEWHERE, defaultBranch: 'main' } }
                : {}),
              subjects: ['deploy-key', 'webhook'],
              requestedBy: people.admin,
              idempotencyKey: randomUUID(),
              ...ask,
            });
            await process.deps.background.settled();
            return started;
          });
        },

        reconcile(process: Process = createProcess()) {
          return process.run(() => reconcileOperations(process.deps));
        },

        /** Leases end, time passes, and a new process goes on, until there is nothing to do. */
        async converge(
          pauses: number[] = [31_000, 2 * MINUTE, 11 * MINUTE],
          until: 'ended' | 'over' = 'ended',
        ) {
          for (const pause of pauses) {
            await sql`update operation set lease_until = now() - interval '1 second' where state = 'running' and lease_until is not null`.execute(
              outside,
            );
            rig.travel(pause);
            await scene.reconcile();
            if (until === 'ended' && !(await scene.isRunning())) return;
          }
        },

        async hasBegun() {
          return (await outside.selectFrom('operation').select('id').execute()).length > 0;
        },

        async isRunning() {
          const running = await outside
            .selectFrom('operation')
            .select('id')
            .where('state', '=', 'running')
            .execute();
          return running.length > 0;
        },

        /** What a lost request does when everybody has forgotten it; then the searches that are due. */
        async comeLate(pauses = [2 * MINUTE, 11 * MINUTE, 61 * MINUTE, 25 * 60 * MINUTE]) {
          for (const request of scene.lateRequests.splice(0)) await request();
          await scene.converge(pauses, 'over');
        },

        async operation() {
          return outside
            .selectFrom('operation')
            .selectAll()
            .where('projectId', '=', projectId)
            .where('kind', '!=', 'sweep')
            .orderBy('createdAt', 'desc')
            .limit(1)
            .executeTakeFirstOrThrow();
        },

        generations() {
          return outside
            .selectFrom('credential')
            .selectAll()
            .where('projectId', '=', projectId)
            .orderBy('createdAt')
            .execute();
        },

        /** The repository that the project is in. */
        async home(): Promise<Repository | undefined> {
          const { repositoryUuid } = await outside
            .selectFrom('project')
            .select('repositoryUuid')
            .where('id', '=', projectId)
            .executeTakeFirstOrThrow();
          return [repository, elsewhere].find(({ uuid }) => uuid === repositoryUuid);
        },

        /** Holds the end against the invariants. `expected`: how many there have to be of each kind. */
        async check(label: string, expected = 1) {
          const rows = await scene.generations();
          const home = (await scene.home())?.uuid;
          const { deployKeys, hooks } = sandbox.world.data;
          const running = await outside
            .selectFrom('operation')
            .select(['kind', 'state'])
            .where('state', '=', 'running')
            .execute();
          const strangers = deployKeys.filter(
            ({ key }) =>
              !foreign.keys.some((each) => each.key === key) && !rows.some(({ match }) => match === key),
          );
          expect(
            {
              label,
              violations: [...new Set(scene.violations)],
              running,
              unfinished: rows
                .filter(({ state }) => state !== 'active' && state !== 'gone')
                .map(({ kind, state }) => `${kind} ${state}`),
              keys: deployKeys.filter(({ key }) => rows.some(({ match }) => match === key)).length,
              hooks: hooks.filter(({ url }) => rows.some(({ match }) => match === url)).length,
              strangers: strangers.length,
              foreignKeys: deployKeys.filter(({ key }) => foreign.keys.some((each) => each.key === key)),
              foreignHooks: hooks.filter(({ uuid }) => foreign.hooks.some((each) => each.uuid === uuid)),
              known: rows
                .filter(({ state }) => state === 'active')
                .map(({ kind, match, remoteId, id, material }) =>
                  kind === 'deploy-key'
                    ? deployKeys.some(
                        (key) => key.key === match && String(key.id) === remoteId && key.repository === home,
                      )
                    : hooks.some(
                        (hook) =>
                          hook.url === match &&
                          hook.uuid === remoteId &&
                          hook.repository === home &&
                          hook.active &&
                          hook.secret === base.sealer.open(material ?? '', `credential/${id}/material`),
                      ),
                ),
            },
            label,
          ).toEqual({
            label,
            violations: [],
            running: [],
            unfinished: [],
            keys: expected,
            hooks: expected,
            strangers: 0,
            foreignKeys: foreign.keys,
            foreignHooks: foreign.hooks,
            known: expected === 0 ? [] : [true, true],
          });
        },
      };
      current.scene = scene;
      if ((options.state ?? 'ready') === 'ready') {
        await seedCredentials(base, outside, sandbox, {
          projectId,
          repositoryUuid: repository.uuid,
          madeBy: people.owner,
        });
        scene.served = { 'deploy-key': true, webhook: true };
      }
      await scene.watchWorld();
      return scene;
    },

    async close() {
      for (const each of new Set(databases)) await each.close();
      for (const each of drop) await each();
    },
  };
  return rig;
}

/** The handle with a boundary before, inside and after each transaction, and around each statement that writes. */
function watched(db: Db): Db {
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      const process = processes.getStore();
      if (process && node.kind !== 'SelectQueryNode' && !insideTransaction.getStore())
        process.point('before a statement');
      return node;
    },
    async transformResult({ result }) {
      const process = processes.getStore();
      if (process && !insideTransaction.getStore() && result.numAffectedRows !== undefined) {
        process.point('after a statement');
        await process.gate();
      }
      return result;
    },
  };
  const handle = db.withPlugin(plugin);
  handle.transaction = () => {
    const builder = Kysely.prototype.transaction.call(handle);
    const execute = builder.execute.bind(builder);
    builder.execute = async (work) => {
      const process = processes.getStore();
      process?.point('before a transaction');
      await process?.gate();
      const result = await execute((tx) =>
        insideTransaction.run(true, async () => {
          const inner = await work(tx);
          process?.point('before a commit');
          return inner;
        }),
      );
      process?.point('after a commit');
      await process?.gate();
      return result;
    };
    return builder as never;
  };
  return handle;
}

/** Deletes, which on small tables is far quicker than truncating; the keys' check stays. */
async function emptyAll(db: Db): Promise<void> {
  for (const table of [
    'operation',
    'credential',
    'finding',
    'project',
    'membership',
    'connection',
    'profile',
    'organization',
  ] as const) {
    await db.deleteFrom(table).execute();
  }
}

async function seedPeople(deps: Deps, db: Db, sandbox: MountedSandbox, repositories: Repository[]) {
  const { world } = sandbox;
  const organizationId = randomUUID();
  const at = deps.now();
  await db
    .insertInto('organization')
    .values({ id: organizationId, name: 'Harbour', slug: 'harbour', createdAt: at })
    .execute();
  const add = async (nickname: string) => {
    const person = personNamed(world, 'bitbucket', nickname);
    const id = randomUUID();
    const connectionId = randomUUID();
    const token = randomBytes(24).toString('base64url');
    const client = clientOf(world, 'bitbucket');
    const refreshToken = randomBytes(24).toString('base64url');
    const grant = createGrant(world, client, person.id, client.scopes);
    issueAccessToken(world, grant, token, null);
    issueRefreshToken(world, grant, refreshToken);
    await db
      .insertInto('profile')
      .values({
        id,
        screenName: nickname,
        email: `${nickname}@harbour.example`,
        emailKey: `${nickname}@harbour.example`,
        avatarUrl: null,
        createdAt: at,
      })
      .execute();
    await db
      .insertInto('membership')
      .values({ organizationId, profileId: id, role: 'admin', createdAt: at })
      .execute();
    await db
      .insertInto('connection')
      .values({
        id: connectionId,
        profileId: id,
        provider: 'bitbucket',
        accountId: person.id,
        nickname,
        accountUrl: '',
        state: 'connected',
        connectedAt: at,
        sweepAt: at,
      })
      .execute();
    await db
      .insertInto('grant')
      .values({
        connectionId,
        accessToken: deps.sealer.seal(token, `grant/${connectionId}/access_token`),
        refreshToken: deps.sealer.seal(refreshToken, `grant/${connectionId}/refresh_token`),
        scopes: client.scopes,
        issuedAt: at,
        expiresAt: null,
      })
      .execute();
    for (const repository of repositories) {
      repository.permissions = repository.permissions.filter((each) => each.person !== person.id);
      repository.permissions.push({ person: person.id, permission: 'admin' });
    }
    return id;
  };
  return { organizationId, owner: await add('nora'), admin: await add('tomas') };
}

async function seedProject(
  db: Db,
  repository: Repository,
  people: Awaited<ReturnType<typeof seedPeople>>,
  at: Date,
  state: 'ready' | 'creating',
): Promise<string> {
  const id = randomUUID();
  await db
    .insertInto('project')
    .values({
      id,
      organizationId: people.organizationId,
      name: 'pilot',
      nameKey: 'pilot',
      createdBy: people.owner,
      createdAt: at,
      state,
      provider: 'bitbucket',
      repositoryUuid: repository.uuid,
      repositoryName: 'harbour-works/pilot-api',
      seenName: 'harbour-works/pilot-api',
      defaultBranch: 'main',
      tokenOwnerId: people.owner,
      lookDueAt: at,
    })
    .execute();
  return id;
}

const TITLE = 'Semaphore · harbour/pilot';

/** With the very title of ours, and one that leads to us but that no row knows, as after a restored backup. */
function seedForeign({ world }: MountedSandbox, repository: Repository) {
  const key: DeployKey = {
    id: world.data.nextKeyId++,
    repository: repository.uuid,
    key: createKeyPair().publicKey,
    comment: '',
    label: TITLE,
    createdOn: '2026-01-01T00:00:00+00:00',
    lastUsed: null,
    addedBy: personNamed(world, 'bitbucket', 'nora').id,
    client: null,
    stopped: false,
  };
  const hook = (url: string) => ({
    uuid: `{${randomUUID()}}`,
    repository: repository.uuid,
    description: TITLE,
    url,
    active: true,
    events: ['repo:push'],
    secret: null,
    skipCertVerification: false,
    createdAt: '2026-01-01T00:00:00Z',
  });
  const hooks = [hook(`https://other.example/hooks/bitbucket/${randomUUID()}`), hook(HOOKS + randomUUID())];
  world.data.deployKeys = [
    ...world.data.deployKeys.filter((each) => each.repository !== repository.uuid),
    key,
  ];
  world.data.hooks = [...world.data.hooks.filter((each) => each.repository !== repository.uuid), ...hooks];
  return structuredClone({ keys: [key], hooks });
}

/** A key and a webhook that work, with their rows. */
async function seedCredentials(
  deps: Deps,
  db: Db,
  { world }: MountedSandbox,
  owner: { projectId: string; repositoryUuid: string; madeBy: string },
): Promise<void> {
  const { publicKey, privateKey } = createKeyPair();
  const isHere = ({ repository }: { repository: string }) => repository === owner.repositoryUuid;
  const template = world.data.deployKeys.find((key) => isHere(key) && key.label === TITLE);
  const hookTemplate = world.data.hooks.find((hook) => isHere(hook) && hook.description === TITLE);
  if (!template || !hookTemplate) throw new Error('The foreign ones are missing.');
  const key = {
    ...template,
    id: world.data.nextKeyId++,
    key: publicKey,
    client: clientOf(world, 'bitbucket').id,
  };
  const hookId = randomUUID();
  const secret = randomBytes(32).toString('base64url');
  const hook = { ...hookTemplate, uuid: `{${randomUUID()}}`, url: HOOKS + hookId, secret };
  world.data.deployKeys.push(key);
  world.data.hooks.push(hook);
  const row = (id: string, kind: Repairable, match: string, remoteId: string, material: string) => ({
    id,
    ...owner,
    kind,
    state: 'active' as const,
    match,
    remoteId,
    title: TITLE,
    material: deps.sealer.seal(material, `credential/${id}/material`),
    createdAt: deps.now(),
  });
  await db
    .insertInto('credential')
    .values([
      row(randomUUID(), 'deploy-key', publicKey, String(key.id), privateKey),
      row(hookId, 'webhook', hook.url, hook.uuid, secret),
    ])
    .execute();
}

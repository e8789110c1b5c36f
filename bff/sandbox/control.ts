import { Hono } from 'hono';
import type { FaultMode, FaultOptions, FaultTarget } from './faults.ts';
import { faultModes } from './faults.ts';
import { prepareRepositories } from './git.ts';
import type { Place } from './place.ts';
import {
  changeClientScopes,
  createRepository,
  deleteRepository,
  editPerson,
  expireAccessTokens,
  renameRepository,
  revokeAccess,
  setPermission,
  transferRepository,
} from './play.ts';
import type { HookChange } from './play-keys-and-hooks.ts';
import { deleteHook, deleteKey, editHook, stopKey, swapKey } from './play-keys-and-hooks.ts';
import { deleteBranch, emptyRepository, push, pushFile, renameBranch, setMainBranch } from './play-source.ts';
import type { RequestFilter } from './requests.ts';
import { seedWorld } from './seed.ts';
import type { SeedCommit } from './seed-stories.ts';
import type { DeployKey, Hook, Permission, Person, Quirks, Service, Workspace } from './state.ts';
import { clientOf, repositoryNamed } from './world.ts';

/** What another process may do with the sandbox. People are named by nickname or id, repositories by `workspace/slug`. */
function verbs(place: Place) {
  const { world, faults, requests } = place;
  const person = (service: Service, name: string): Person => {
    const found = world.data.people.find(
      (each) => each.service === service && (each.id === name || each.nickname === name),
    );
    if (!found) throw new Error(`nobody at ${service} is called ${name}`);
    return found;
  };
  const workspace = (slug: string): Workspace => {
    const found = world.data.workspaces.find((each) => each.slug === slug);
    if (!found) throw new Error(`there is no workspace ${slug}`);
    return found;
  };
  const repository = (name: string) => repositoryNamed(world, name);
  const key = (id: number): DeployKey => {
    const found = world.data.deployKeys.find((each) => each.id === id);
    if (!found) throw new Error(`there is no deploy key ${id}`);
    return found;
  };
  const hook = (uuid: string): Hook => {
    const found = world.data.hooks.find((each) => each.uuid === uuid);
    if (!found) throw new Error(`there is no webhook ${uuid}`);
    return found;
  };
  return {
    /** People, workspaces, repositories, keys and hooks, without any secret. */
    state: (_: Record<string, never>) => ({
      people: world.data.people,
      consents: world.data.consents,
      workspaces: world.data.workspaces,
      repositories: world.data.repositories,
      deployKeys: world.data.deployKeys,
      hooks: world.data.hooks.map(({ secret, ...hook }) => ({ ...hook, secretSet: secret !== null })),
      quirks: world.data.quirks,
      ssh: place.ssh(),
    }),
    revoke: (args: { service: Service; person: string }) =>
      revokeAccess(world, args.service, person(args.service, args.person).id),
    editPerson: (args: {
      service: Service;
      person: string;
      change: Partial<Pick<Person, 'nickname' | 'name' | 'emails'>>;
    }) => editPerson(world, person(args.service, args.person), args.change),
    expireAccessTokens: (args: { service?: Service }) => expireAccessTokens(world, args.service),
    setFault: (args: { target: FaultTarget; mode: FaultMode } & FaultOptions) => {
      if (!Object.hasOwn(faultModes, args.mode)) throw new Error(`there is no fault mode ${args.mode}`);
      return faults.set(args.target, args.mode, args);
    },
    clearFaults: (args: { id?: number }) => faults.clear(args.id),
    faults: (_: Record<string, never>) => faults.list(),
    /** The last deliveries to webhooks, the oldest first. */
    deliveries: (_: Record<string, never>) => place.deliveries?.() ?? [],
    requests: (args: RequestFilter) => requests(args),
    clearRequests: (_: Record<string, never>) => requests.clear(),
    quirks: (args: Partial<Quirks>) => {
      Object.assign(world.data.quirks, args);
      world.changed();
      return world.data.quirks;
    },
    /** Moves the sandbox's clock forward. */
    travel: (args: { ms: number }) => world.travel(args.ms),
    rename: (args: { repository: string; slug: string }) =>
      renameRepository(world, repository(args.repository), args.slug),
    transfer: (args: { repository: string; workspace: string }) =>
      transferRepository(world, repository(args.repository), workspace(args.workspace)),
    /** A new and empty repository, `name` being `workspace/slug`; answers its UUID. */
    createRepository: async (args: { name: string; isPrivate?: boolean }) => {
      const [owner = '', slug = ''] = args.name.split('/');
      const made = createRepository(world, workspace(owner), slug, { isPrivate: args.isPrivate ?? true });
      await prepareRepositories(place.git, [made]);
      return { uuid: made.uuid };
    },
    setPermission: (args: { repository: string; person: string; permission: Permission | null }) =>
      setPermission(world, repository(args.repository), person('bitbucket', args.person).id, args.permission),
    deleteRepository: (args: { repository: string }) => deleteRepository(world, repository(args.repository)),
    deleteKey: (args: { id: number }) => deleteKey(world, args.id),
    /** Another public key under the same id; without `publicKey` a new one. */
    swapKey: (args: { id: number; publicKey?: string }) => swapKey(world, key(args.id), args.publicKey),
    stopKey: (args: { id: number; stopped: boolean }) => stopKey(world, key(args.id), args.stopped),
    deleteHook: (args: { uuid: string }) => deleteHook(world, args.uuid),
    editHook: (args: { uuid: string; change: HookChange }) => editHook(world, hook(args.uuid), args.change),
    changeScopes: (args: { service: Service; scopes: string[] }) =>
      changeClientScopes(world, clientOf(world, args.service).id, args.scopes),
    /** Adds commits as a push would. */
    commit: (args: { repository: string; commits: SeedCommit[] }) =>
      push(place, repository(args.repository), args.commits),
    /** One commit with one file, or without it when `content` is null. */
    pushFile: (args: { repository: string; branch: string; path: string; content: string | null }) =>
      pushFile(place, repository(args.repository), args),
    setMainBranch: (args: { repository: string; branch: string }) =>
      setMainBranch(place, repository(args.repository), args.branch),
    renameBranch: (args: { repository: string; from: string; to: string }) =>
      renameBranch(place, repository(args.repository), args.from, args.to),
    deleteBranch: (args: { repository: string; branch: string }) =>
      deleteBranch(place, repository(args.repository), args.branch),
    emptyRepository: (args: { repository: string }) => emptyRepository(place, repository(args.repository)),
    /** Registers the clients' callbacks under another address of the product. */
    moveProduct: (args: { publicUrl: string }) => {
      for (const client of world.data.clients) {
        client.callback = `${args.publicUrl}/auth/${client.service}/callback`;
      }
      world.changed();
    },
    /** Back to the beginning: usual people, repositories, fair weather, no grants. The clients stay, for the product knows them. */
    reset: async (_: Record<string, never>) => {
      const { clients } = world.data;
      Object.assign(world.data, seedWorld(), { clients });
      await place.git.discard();
      // SSH serves directories as they stand.
      await prepareRepositories(place.git, world.data.repositories);
      faults.clear();
      requests.clear();
      world.changed();
    },
  };
}

export type Controls = ReturnType<typeof verbs>;

/** `POST /sandbox/api/:verb` with the arguments as JSON; 400 with `{"error"}` when they do not fit the world. */
export function controlRoutes(place: Place): Hono {
  const table = verbs(place) as unknown as Record<string, (args: unknown) => unknown>;
  return new Hono().post('/sandbox/api/:verb', async (c) => {
    const name = c.req.param('verb');
    const verb = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!verb) return c.json({ error: `there is no verb ${name}` }, 404);
    try {
      const result = await verb(await c.req.json());
      return c.json({ result: result ?? null });
    } catch (error) {
      return c.json({ error: error instanceof Error ? error.message : String(error) }, 400);
    }
  });
}

export type Control = <Verb extends keyof Controls>(
  verb: Verb,
  args: Parameters<Controls[Verb]>[0],
) => Promise<Awaited<ReturnType<Controls[Verb]>>>;

/** The other end, for tests in another process: `control('revoke', { service: 'bitbucket', person: 'nora' })`. */
export function controlOf(bitbucketOrigin: string): Control {
  return async (verb, args) => {
    const response = await fetch(`${bitbucketOrigin}/sandbox/api/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
    const answer = (await response.json()) as { result: never; error?: string };
    if (!response.ok) throw new Error(`sandbox: ${answer.error ?? response.status}`);
    return answer.result;
  };
}

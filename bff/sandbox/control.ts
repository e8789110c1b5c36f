import { Hono } from 'hono';
import type { FaultMode, FaultOptions, FaultTarget } from './faults.ts';
import { faultModes } from './faults.ts';
import type { Place } from './place.ts';
import {
  changeClientScopes,
  deleteRepository,
  editPerson,
  expireAccessTokens,
  renameRepository,
  revokeAccess,
  setPermission,
} from './play.ts';
import type { RequestFilter } from './requests.ts';
import { seedWorld } from './seed.ts';
import type { SeedCommit } from './seed-stories.ts';
import type { Permission, Person, Quirks, Service } from './state.ts';
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
      renameRepository(world, repositoryNamed(world, args.repository), args.slug),
    setPermission: (args: { repository: string; person: string; permission: Permission | null }) =>
      setPermission(
        world,
        repositoryNamed(world, args.repository),
        person('bitbucket', args.person).id,
        args.permission,
      ),
    deleteRepository: (args: { repository: string }) =>
      deleteRepository(world, repositoryNamed(world, args.repository)),
    deleteKey: (args: { id: number }) => {
      world.data.deployKeys = world.data.deployKeys.filter((key) => key.id !== args.id);
      world.changed();
    },
    deleteHook: (args: { uuid: string }) => {
      world.data.hooks = world.data.hooks.filter((hook) => hook.uuid !== args.uuid);
      world.changed();
    },
    changeScopes: (args: { service: Service; scopes: string[] }) =>
      changeClientScopes(world, clientOf(world, args.service).id, args.scopes),
    /** Adds commits as a push would. */
    commit: (args: { repository: string; commits: SeedCommit[] }) =>
      place.git.write(repositoryNamed(world, args.repository), args.commits),
    /** Registers the clients' callbacks under another address of the product. */
    moveProduct: (args: { publicUrl: string }) => {
      for (const client of world.data.clients) {
        client.callback = `${args.publicUrl}/auth/${client.service}/callback`;
      }
      world.changed();
    },
    /** Back to the beginning: usual people, fair weather, no grants. The clients stay, for the product knows them. */
    reset: (_: Record<string, never>) => {
      const { clients } = world.data;
      Object.assign(world.data, seedWorld(), { clients });
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
